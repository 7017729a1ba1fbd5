"""From a run to its picture: geometry, SVG, storyboard and formulas, all as plain strings and dataclasses."""
