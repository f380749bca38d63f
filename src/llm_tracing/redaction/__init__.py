"""Takes out of what arrives what must not be stored: before anything is written, by rules of the operator."""
