"""Files and folders, here and in object stores."""
