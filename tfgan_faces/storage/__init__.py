"""Files and folders in mounted file systems and object stores."""
