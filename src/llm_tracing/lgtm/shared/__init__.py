"""What several servers over one cluster must agree on and no backend can hold: side data, and runs that have not ended.

It lies in the object place, written there before it is acknowledged; each server's window has a copy.
"""
