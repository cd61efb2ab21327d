"""Photos where people keep them: folders and archives, found and decoded."""
