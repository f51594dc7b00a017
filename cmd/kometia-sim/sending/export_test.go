package sending

// Apply makes the change in a tree.
func (e Edit) Apply(tree any) error { return e.apply(tree) }

// Path is where the change is made.
func (e Edit) Path() string { return e.path }
