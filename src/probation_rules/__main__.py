"""`python -m probation_rules`: the same as the command `probation-rules`."""

from probation_rules.cli import main

if __name__ == "__main__":
    main()
