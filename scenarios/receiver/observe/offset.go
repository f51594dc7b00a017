package observe

import (
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// OffsetName is the environment variable that tells hooks how far the virtual
// time has gone.
const OffsetName = "KOMETIA_SIM_OFFSET"

// Offset is the environment variable that tells a hook how far the virtual
// time has gone, in the way of faketime (+47h), so that a recipe can move the
// receiver's clock too.
func Offset(d time.Duration) string {
	const name = OffsetName + "="
	sign := "+"
	if d < 0 {
		sign, d = "-", -d
	}
	switch {
	case d%time.Hour == 0:
		return name + sign + strconv.FormatInt(int64(d/time.Hour), 10) + "h"
	case d%time.Minute == 0:
		return name + sign + strconv.FormatInt(int64(d/time.Minute), 10) + "m"
	}
	return name + sign + strconv.FormatFloat(d.Seconds(), 'f', -1, 64) // seconds have no unit there
}

// ParseOffset reads the value of that variable; "" is none.
func ParseOffset(value string) (time.Duration, error) {
	if value == "" {
		return 0, nil
	}
	if last := value[len(value)-1]; last >= '0' && last <= '9' {
		value += "s"
	}
	d, err := time.ParseDuration(value)
	if err != nil {
		return 0, lang.Errorf("%q no es un desfase: escríbalo como +47h, -90m o +30",
			"%q is no offset: write it like +47h, -90m or +30", value)
	}
	return d, nil
}
