"""What the programs of a package trust, as `cacerts inspect` tells it of the package as it is.

The store that they are to trust is the one that the machine's own cacerts has built in.
"""

import json
import re
import subprocess

from rpmlint.checks.AbstractCheck import AbstractCheck

DETAILS = {
    'cacerts-embedded-roots':
        """The file has a list of root certificates in it. Whoever runs the program cannot say which of them
        to trust. Build it with `cargo cacerts`, which puts the store of the distribution in their place.""",
    'cacerts-trusts-other-store':
        """The program has another path built in than the cacerts of this machine has, or none. Set
        CACERTS_DEFAULT_PATH where the package is built, and look whether it gets through to the build.""",
    'cacerts-guesses-store':
        """The program goes through a list of well-known paths, and takes the first one that is there: nobody
        has decided which store it trusts. Build it with `cargo cacerts`.""",
    'cacerts-store-not-in-requires':
        """The program trusts a store that the package does not bring along: without it the program trusts
        nobody. The package that provides it has to be in Requires.""",
    'cacerts-cannot-inspect':
        """The package, or a file in it, could not be looked into: the command cacerts is missing, there is no
        store on this machine to know roots by, the file is damaged, or it has been packed or encrypted.""",
}
# Those that are told of where they cannot be looked into; what else is compressed is mostly documentation.
PROGRAMS = ('elf', 'script', 'apk', 'deb', 'rpm')
NO_STORE = re.compile(r'warning: roots are looked for as PEM only: (.*)')
WITHOUT = re.compile(r' does not depend on (\S+), which provides ([^:\n]+)')


class CannotInspect(Exception):
    """Why there is no answer."""


def told(*command):
    """What a command prints as JSON, and what it says."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except OSError as error:
        raise CannotInspect(str(error)) from error
    # 2 is wrong usage or no store: a file without a note is no failure here.
    if done.returncode not in (0, 1):
        raise CannotInspect((done.stderr.splitlines() or [str(done.returncode)])[-1])
    return json.loads(done.stdout), done.stderr


class CacertsCheck(AbstractCheck):
    def __init__(self, config, output):
        super().__init__(config, output)
        output.error_details.update(DETAILS)

    def check_binary(self, pkg):
        try:
            defaults, _ = told('cacerts', 'defaults', '--json')
            files, said = told('cacerts', 'inspect', '--json', '--', str(pkg.filename))
        except (CannotInspect, ValueError) as why:
            self.output.add_info('E', pkg, 'cacerts-cannot-inspect', str(why))
            return
        # Without a store nobody can tell roots from other certificates.
        for why in NO_STORE.findall(said):
            self.output.add_info('E', pkg, 'cacerts-cannot-inspect', why)
        for file in files:
            self.check_file(pkg, file, defaults['CACERTS_DEFAULT_PATH'])
        for provider, path in WITHOUT.findall(said):
            self.output.add_info('E', pkg, 'cacerts-store-not-in-requires', provider, path)

    def check_file(self, pkg, file, store):
        _, _, inside = file['path'].partition('!')
        name = '/' + inside

        def tell(level, issue, *details):
            self.output.add_info(level, pkg, issue, name, *details)

        why = file['error'] or file['unseen']
        if why:
            if file['error'] or file['kind'] in PROGRAMS:
                tell('E', 'cacerts-cannot-inspect', why)
            return
        constants, drop_ins = file['cacerts'], file['drop_ins'] or []
        if constants or drop_ins:
            paths = [(constants or {}).get('CACERTS_DEFAULT_PATH'), *(one['tells'] for one in drop_ins)]
            path = next((path for path in paths if path), None)
            if store and path != store:
                tell('E', 'cacerts-trusts-other-store', path or 'nothing built in')
        if file['embedded_roots'] and file['embedded_roots']['embedded']:
            tell('E', 'cacerts-embedded-roots')
        if file['guessing']:
            tell('W', 'cacerts-guesses-store', *file['bundle_paths'][:1])
