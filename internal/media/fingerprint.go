package media

import (
	"image"
	"math"
	"math/bits"
	"slices"

	"golang.org/x/image/draw"
)

// Fingerprint is what a picture looks like, whatever its size, quality and
// metadata. Near pictures have near fingerprints.
type Fingerprint struct {
	// PHash is 64 bits of the lowest frequencies, by which candidates are found.
	PHash uint64
	// PDQ is 256 bits of finer ones, by which they are confirmed.
	PDQ [32]byte
}

// Distance is in how many of 256 bits two fingerprints differ.
func (f Fingerprint) Distance(o Fingerprint) int {
	n := 0
	for i := range f.PDQ {
		n += bits.OnesCount8(f.PDQ[i] ^ o.PDQ[i])
	}
	return n
}

// fingerprint computes both from the brightness of an upright picture: its cosine
// transform, each frequency a bit that says whether it is above the median.
func fingerprint(m image.Image) Fingerprint {
	var f Fingerprint
	for i, high := range frequencies(m, 32, 8) {
		if high {
			f.PHash |= 1 << i
		}
	}
	for i, high := range frequencies(m, 64, 16) {
		if high {
			f.PDQ[i/8] |= 1 << (i % 8)
		}
	}
	return f
}

// frequencies scales a picture to size × size and says of the keep × keep lowest
// frequencies, without the mean, which are above their median.
func frequencies(m image.Image, size, keep int) []bool {
	grey := image.NewGray(image.Rect(0, 0, size, size))
	draw.CatmullRom.Scale(grey, grey.Bounds(), m, m.Bounds(), draw.Src, nil)
	cosine := make([][]float64, keep)
	for k := range cosine {
		cosine[k] = make([]float64, size)
		for x := range size {
			cosine[k][x] = math.Cos(math.Pi / float64(size) * float64(k+1) * (float64(x) + 0.5))
		}
	}
	rows := make([][]float64, keep) // by vertical frequency
	for k := range rows {
		rows[k] = make([]float64, size)
		for x := range size {
			for y := range size {
				rows[k][x] += cosine[k][y] * float64(grey.GrayAt(x, y).Y)
			}
		}
	}
	values := make([]float64, 0, keep*keep)
	for k := range keep {
		for l := range keep {
			sum := 0.0
			for x := range size {
				sum += cosine[l][x] * rows[k][x]
			}
			values = append(values, sum)
		}
	}
	ordered := slices.Sorted(slices.Values(values))
	median := (ordered[len(ordered)/2-1] + ordered[len(ordered)/2]) / 2
	out := make([]bool, len(values))
	for i, v := range values {
		out[i] = v > median
	}
	return out
}
