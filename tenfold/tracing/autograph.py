"""AutoGraph."""


def converted(function):
    return function
