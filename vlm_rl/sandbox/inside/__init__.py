"""What runs inside a sandbox: standard library only, for of this project nothing but this folder is there."""
