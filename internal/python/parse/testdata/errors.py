def f(:
    return 1
x = (1, 2
def g():
    y = [
    return y
class C
    z = 1 +
  bad = indent
f"{a b}" + f"{}"
print "hello"
1 = x
f(a for b in c, d)
if x = 1:
    pass
try:
    pass
x = )
y = $
'unclosed
f'unclosed {
match x:
    case 1 +: pass
    notcase
@d
x = 1
"""unclosed
