package schemas

import (
	"math/big"
	"testing"
)

// The validator holds 0.01 as a binary fraction, of which twenty digits are
// 0.0099999999999999999998.
func TestLimitsReadAsTheSchemaWroteThem(t *testing.T) {
	for rat, want := range map[string]string{"1/100": "0.01", "0": "0", "2147483647": "2147483647", "-3/2": "-1.5"} {
		r, _ := new(big.Rat).SetString(rat)
		if got := detail(new(big.Float).SetRat(r)); got != want {
			t.Errorf("%s reads %q", want, got)
		}
	}
}
