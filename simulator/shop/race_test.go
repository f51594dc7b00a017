//go:build race

package shop_test

// The race detector looks for sharing, which few seeds show as well as many.
const seeds = 300
