"""The server looks at itself: its metrics, those of the calls it stores, and whether it is ready."""
