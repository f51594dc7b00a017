package shop

// Mint shows the tests what tells stories apart, without the rest of a story.
type Mint struct{ m mint }

// NewMint is the mint of a story.
func NewMint(ids string, key Key) Mint { return Mint{newMint(ids, "story", key)} }

func (m Mint) Cuid(prefix string, second int64, ordinal int) string {
	return m.m.cuid(prefix, second, ordinal)
}
func (m Mint) Number() string { return m.m.number() }
func (m Mint) Unique() string { return m.m.unique() }
