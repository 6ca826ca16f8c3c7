"""What a page shows as HTML, pinned: a button below it, and what its tables and pictures hold."""
