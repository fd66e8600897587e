"""A file system that shows what is in a directory, and fails. Started by the tests of tests/faults/run.

Usage: mount.py DIRECTORY FAULT

It is mounted over DIRECTORY until SIGTERM. FAULT is CALL:ERRNO (read, open, getattr, readdir or readlink: each such
call fails for what is below DIRECTORY), or one of these: `none`; `slow`, each call takes a hundredth of a second;
`pieces`, no read gives more than 7 bytes; `ends`, files are shorter than they say; `grows`, they are longer each
time that they are asked.
"""

import errno
import os
import stat
import sys
import time

from fusepy import FUSE, FuseOSError, Operations


class Failing(Operations):
    def __init__(self, fault):
        self.fault, _, number = fault.partition(":")
        self.number = getattr(errno, number) if number else None
        self.asked = 0

    def __call__(self, call, path, *arguments):
        if self.fault == "slow":
            time.sleep(0.01)
        # What is at the mount point itself has to be there.
        if self.number and call == self.fault and (path != "/" or call == "readdir"):
            raise FuseOSError(self.number)
        return super().__call__(call, path, *arguments)

    def getattr(self, path, handle=None):
        seen = os.lstat("." + path)
        names = ("st_mode", "st_nlink", "st_size", "st_uid", "st_gid", "st_atime", "st_mtime", "st_ctime")
        attributes = {name: getattr(seen, name) for name in names}
        if stat.S_ISREG(seen.st_mode):
            self.asked += 1
            attributes["st_size"] += {"ends": 100, "grows": self.asked}.get(self.fault, 0)
        return attributes

    def readdir(self, path, handle):
        return [".", "..", *os.listdir("." + path)]

    def readlink(self, path):
        return os.readlink("." + path)

    def open(self, path, flags):
        return os.open("." + path, flags)

    def read(self, path, size, offset, handle):
        return os.pread(handle, min(size, 7) if self.fault == "pieces" else size, offset)

    def release(self, path, handle):
        return os.close(handle)


def main():
    directory, fault = sys.argv[1:]
    # What is below the mount is still here.
    os.chdir(directory)
    # Nothing is kept by the kernel, and what is read is what is told.
    FUSE(Failing(fault), directory, foreground=True, nothreads=True, nonempty=True, ro=True, direct_io=True,
         attr_timeout=0, entry_timeout=0, negative_timeout=0)


main()
