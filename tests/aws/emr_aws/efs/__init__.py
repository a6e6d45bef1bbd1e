"""EFS: tokens that conflict, lists with a next page, states that last. Records stay in the emulator's stores."""
