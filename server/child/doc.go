// Package child starts a server in a process of its own. A benchmark needs that, so that
// the server shares neither heap nor collector nor scheduler with the clients. The
// process is the program that calls [Start], from its open file, in another role; see
// [Main]. It ends with the process that started it, however that ends.
package child
