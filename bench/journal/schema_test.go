package journal_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/fixtures"
)

// schema compiles a part of schema.json; "" is all of it.
func schema(t *testing.T, part string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("schema.json" + part)
	require.NoError(t, err)
	return schema
}

// assertValid checks each line against the schema.
func assertValid(t *testing.T, dir string) {
	t.Helper()
	schema := schema(t, "")
	for line := range strings.Lines(text(t, dir)) {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		require.NoError(t, err, line)
		assert.NoError(t, schema.Validate(value), line)
	}
}

// typesOf returns the types that a property allows. All enumerations are of words.
func typesOf(property *jsonschema.Schema) []string {
	for property.Ref != nil {
		property = property.Ref
	}
	if property.Enum != nil {
		return []string{"string"}
	}
	return property.Types.ToStrings()
}

// fieldsOf returns a cell as programs see it.
func fieldsOf(t *testing.T, c bench.Cell) map[string]any {
	t.Helper()
	text, err := json.Marshal(c)
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	require.NoError(t, err)
	return value.(map[string]any)
}

// The schema's fields of a cell are those of the table of axes. A field is required unless
// a cell without a value leaves it out.
func TestSchemaHasAxes(t *testing.T) {
	schema := schema(t, "#/$defs/fields")
	var fields, required []string
	for _, axis := range bench.Axes() {
		fields = append(fields, axis.Field)
		if _, always := fieldsOf(t, bench.Cell{})[axis.Field]; always {
			required = append(required, axis.Field)
		}
		property := schema.Properties[axis.Field]
		if !assert.NotNil(t, property, axis.Key) {
			continue
		}
		want := "integer"
		if axis.Word {
			want = "string"
		}
		assert.Equal(t, []string{want}, typesOf(property), axis.Key)
	}
	assert.ElementsMatch(t, fields, slices.Collect(maps.Keys(schema.Properties)))
	assert.ElementsMatch(t, required, schema.Required)
}

// The schema knows every op and every client pool.
func TestSchemaHasWords(t *testing.T) {
	m := bench.Matrix{Pools: []string{"thread"}, ClientPools: bench.ClientPools(), Ops: bench.Ops(), Workers: []int{0, 1}, Volumes: []fixtures.Size{0}, Clients: []int{1}}
	for _, cell := range m.Cells() {
		assert.NoError(t, schema(t, "#/$defs/fields").Validate(fieldsOf(t, cell)), "%v", cell)
	}
}
