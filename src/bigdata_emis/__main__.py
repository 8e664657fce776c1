"""`python -m bigdata_emis`, the same as the command `emis`.

Belongs here: the call of `main`. Does not: any command (cli).
"""

from bigdata_emis.cli import main

if __name__ == "__main__":
    main()
