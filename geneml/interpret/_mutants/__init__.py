"""Changed samples and what a network says of them, in full or only where a change reaches."""
