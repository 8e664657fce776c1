"""The forms that a line's model can take, from a weekly profile to boosted trees and pooled industry ratios."""
