"""`python -m bigdata_emis`: the same as the command `emis`.

Belongs here: the call. Does not: any command (cli).
"""

from bigdata_emis.cli.app import main

if __name__ == "__main__":
    main()
