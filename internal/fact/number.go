package fact

// zigzag makes a small number of the distance from one number to another, in either direction.
func zigzag(from, to uint32) uint32 {
	d := to - from
	return d<<1 ^ uint32(int32(d)>>31)
}

// unzigzag gives the number at such a distance.
func unzigzag(from, distance uint32) uint32 { return from + (distance>>1 ^ -(distance & 1)) }

// number reads a number that lies inside b.
func number(b []byte, at int) (uint32, int) {
	if v := b[at]; v < 0x80 {
		return uint32(v), at + 1
	}
	return longNumber(b, at)
}

// longNumber reads at most five bytes. What a larger number would be does not matter: no encoding has one, and any
// value is checked.
func longNumber(b []byte, at int) (uint32, int) {
	v := uint32(b[at] & 0x7F)
	for shift := 7; shift < 35; shift += 7 {
		at++
		v |= uint32(b[at]&0x7F) << shift
		if b[at] < 0x80 {
			break
		}
	}
	return v, at + 1
}
