//go:build !race

package shop_test

// seeds is how many worlds are audited.
const seeds = 3000
