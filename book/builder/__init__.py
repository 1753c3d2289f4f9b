"""The book's builder: from MyST notebooks to a website that needs no other host.

The steps, one module each:

``contents``    what the table of contents lists, and whether it is there
``fingerprint`` the key under which an executed chapter is cached
``execution``   one chapter in one kernel, with its time and memory
``schedule``    all chapters, in parallel, through the cache
``staging``     the folder that Jupyter Book reads
``rendering``   Jupyter Book itself
``finishing``   accessibility repairs on the HTML that it wrote
``downloads``   clean notebooks for readers
``report``      the page about time and memory
``serving``     the site on this machine
"""


class BuildError(Exception):
    """The book cannot be built; the message says where and what to do."""
