"""The names that opgen finds a project by. Nothing is imported here: some ask before all else."""

FILE = "PROJECT"
"""What opgen knows about a project."""
STAGING = ".opgen-transaction"
"""The folder with everything that a change needs; it is there only while one is carried out."""
