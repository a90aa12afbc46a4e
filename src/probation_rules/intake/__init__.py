"""What every reader of files and tables shares."""
