// Package report writes finished results for people.
package report
