# cacerts -- lintian check script -*- perl -*-
#
# What the programs of a package trust, as `cacerts inspect` tells it of the package as it is. The store that
# they are to trust is the one that the machine's own cacerts has built in.

package Lintian::Check::Cacerts;

use v5.20;
use warnings;
use utf8;

use IPC::Run3;
use JSON::MaybeXS;

use Moo;
use namespace::clean;

with 'Lintian::Check';

# The JSON that a command prints, and what it says on standard error; nothing where it could not be run.
sub told {
    my (@command) = @_;
    my ($out, $error) = (q{}, q{});

    eval { run3(\@command, \undef, \$out, \$error); 1 } or return (undef, $@);
    # 2 is wrong usage or no store: a file without a note is no failure here.
    my $json = ($? >> 8) < 2 ? eval { decode_json($out) } : undef;

    return ($json, $error);
}

sub installable {
    my ($self) = @_;

    my ($defaults, $why) = told(qw{cacerts defaults --json});
    my ($files, $said)
      = defined $defaults
      ? told(qw{cacerts inspect --json --}, $self->processable->path)
      : (undef, $why);

    unless (defined $files) {
        $self->hint('cacerts-cannot-inspect', (split /\n/, $said)[-1] // q{});
        return;
    }

    # Without a store nobody can tell roots from other certificates.
    $self->hint('cacerts-cannot-inspect', $1)
      if $said =~ m{ warning: [ ] roots [ ] are [ ] looked [ ] for [ ] as [ ] PEM [ ] only: [ ] (.*) }x;

    my $store = $defaults->{CACERTS_DEFAULT_PATH};
    $self->file($_, $store) for @{$files};

    $self->hint('cacerts-store-not-in-depends', "$1 for $2")
      while $said =~ m{ does [ ] not [ ] depend [ ] on [ ] (\S+), [ ] which [ ] provides [ ] ([^:\n]+) }gx;

    return;
}

# What is to be said of one file, by its name in the package: that of an archive in it is the archive's.
sub file {
    my ($self, $file, $store) = @_;

    my (undef, $name) = split(/!/, $file->{path}, 3);
    my $item = $self->processable->installed->lookup($name // q{});
    my $tell = sub {
        my ($tag, @notes) = @_;
        defined $item
          ? $self->pointed_hint($tag, $item->pointer, @notes)
          : $self->hint($tag, @notes, $name // q{});
    };

    if (defined $file->{error} || defined $file->{unseen}) {
        $tell->('cacerts-cannot-inspect', $file->{error} // $file->{unseen})
          if $file->{error} || $file->{kind} =~ /^(?:elf|script|apk|deb|rpm)$/;
        return;
    }

    my $found = $file->{cacerts};
    my ($path) = grep { defined } (
        defined $found ? $found->{CACERTS_DEFAULT_PATH} : undef,
        map { $_->{tells} } @{$file->{drop_ins} // []});

    if (defined $found || @{$file->{drop_ins} // []}) {
        $tell->('cacerts-trusts-other-store', $path // 'nothing built in')
          if defined $store && ($path // q{}) ne $store;
    }
    $tell->('cacerts-embedded-roots') if $file->{embedded_roots}{embedded};
    $tell->('cacerts-guesses-store', @{$file->{bundle_paths}}[0]) if $file->{guessing};

    return;
}

1;
