"""Compares a document with its declared shape."""

from typing import Any, get_args, get_origin, get_type_hints, is_typeddict


def wrong_keys(value: Any, shape: Any, at: str = "") -> list[str]:
    """Paths of keys that are missing or not declared, at any depth that the shape declares."""
    if is_typeddict(shape):
        hints = get_type_hints(shape)
        wrong = [f"{at}/{key}: missing" for key in sorted(shape.__required_keys__ - set(value))]
        wrong += [f"{at}/{key}: not declared" for key in sorted(set(value) - set(hints))]
        return wrong + [w for key in set(value) & set(hints) for w in wrong_keys(value[key], hints[key], f"{at}/{key}")]
    if get_origin(shape) is list:
        return [w for number, item in enumerate(value) for w in wrong_keys(item, get_args(shape)[0], f"{at}[{number}]")]
    if get_origin(shape) is dict:
        return [w for key, item in value.items() for w in wrong_keys(item, get_args(shape)[1], f"{at}/{key}")]
    return []
