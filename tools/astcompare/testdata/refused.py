def f(x, x=1, y): return = 2
