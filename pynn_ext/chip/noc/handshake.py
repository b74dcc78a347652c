"""todo"""


def advance(until, drain, par, s):
    raise NotImplementedError
