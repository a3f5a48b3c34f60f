"""`python -m peyk …`: Peyk's command line."""

from peyk.cli import main

if __name__ == "__main__":
    main()
