using System.Text;

namespace Chitin.Sql.Syntax;

/// <summary>
/// Stored SQL text (view queries, CHECK, DEFAULT, generated columns, index expressions) after something that it names was renamed. Done by edits at the positions of the tree's nodes.
/// A view keeps the old name as an alias, so that nothing else in it changes.
/// </summary>
internal static class StoredText
{
    /// <summary>An expression over one table's columns.</summary>
    public static string RenameColumn(string expression, string old, string name)
    {
        var edits = new Edits(expression);
        foreach (var reference in SyntaxWalk.Nodes(Parser.ParseExpression(expression)).OfType<ColumnReference>().Where(r => r.Position >= 0 && r.Parts[^1] == old))
            edits.Replace(edits.TokenAt(reference.Position) + (2 * (reference.Parts.Length - 1)), 1, SqlText.QuoteIdentifier(name));
        return edits.Apply();
    }

    /// <summary>A view's query after one of its relations got another name or schema.</summary>
    public static string RenameRelation(string query, (string Schema, string Name) old, (string Schema, string Name) now)
    {
        var edits = new Edits(query);
        var nodes = SyntaxWalk.Nodes(Parse(query)).ToList();
        foreach (var table in nodes.OfType<NamedTable>().Where(t => IsNamed(t.Name, old)))
        {
            var at = edits.TokenAt(table.Name.Position);
            edits.Replace(at, 3, $"{SqlText.QuoteIdentifier(now.Schema)}.{SqlText.QuoteIdentifier(now.Name)}");
            if (table.Alias is null)
                edits.InsertBehind(edits.EndOfTable(at + 2), " AS " + SqlText.QuoteIdentifier(old.Name));
        }

        ReferByAlias(edits, nodes, old);
        return edits.Apply();
    }

    /// <summary>A view's query after a column of one of its relations got another name. <paramref name="columns"/> are the visible columns by their names of before, in order.</summary>
    public static string RenameColumn(string query, (string Schema, string Name) relation, IReadOnlyList<string> columns, int renamed)
    {
        var edits = new Edits(query);
        var nodes = SyntaxWalk.Nodes(Parse(query)).ToList();
        foreach (var table in nodes.OfType<NamedTable>().Where(t => IsNamed(t.Name, relation) && t.ColumnAliases.Length <= renamed))
        {
            var end = edits.EndOfTable(edits.TokenAt(table.Name.Position) + 2);
            var names = string.Join(", ", Enumerable.Range(table.ColumnAliases.Length, renamed + 1 - table.ColumnAliases.Length).Select(i => SqlText.QuoteIdentifier(columns[i])));
            if (table.Alias is null)
                edits.InsertBehind(end, $" AS {SqlText.QuoteIdentifier(relation.Name)} ({names})");
            else if (table.ColumnAliases.IsEmpty)
                edits.InsertBehind(edits.EndOfAlias(end), $" ({names})");
            else
                edits.InsertBehind(edits.EndOfAlias(end) + (2 * table.ColumnAliases.Length), ", " + names);
        }

        ReferByAlias(edits, nodes, relation);
        return edits.Apply();
    }

    /// <summary>A view's query after a schema was renamed.</summary>
    public static string RenameSchema(string query, string old, string name)
    {
        var edits = new Edits(query);
        foreach (var node in SyntaxWalk.Nodes(Parse(query)))
        {
            var position = node switch
            {
                ObjectName { Schema: { } schema, Database: null } relation when schema == old => relation.Position,
                ColumnReference { Parts: [var schema, _, _] } when schema == old => node.Position,
                TypeName { Name: [var schema, _] } when schema == old => node.Position,
                _ => -1,
            };
            if (position >= 0)
                edits.Replace(edits.TokenAt(position), 1, SqlText.QuoteIdentifier(name));
        }

        return edits.Apply();
    }

    /// <summary>Whether a view's query names columns of the relation by their place.</summary>
    public static bool CountsColumns(string query, (string Schema, string Name) relation) =>
        SyntaxWalk.Nodes(Parse(query)).OfType<NamedTable>().Any(t => IsNamed(t.Name, relation) && !t.ColumnAliases.IsEmpty);

    /// <summary>schema.table.column means the table by its alias from now on.</summary>
    private static void ReferByAlias(Edits edits, List<SyntaxNode> nodes, (string Schema, string Name) relation)
    {
        foreach (var reference in nodes.OfType<ColumnReference>().Where(r => r.Position >= 0 && r.Parts.Length == 3 && r.Parts[0] == relation.Schema && r.Parts[1] == relation.Name))
            edits.Replace(edits.TokenAt(reference.Position), 2, "");
    }

    private static Statement Parse(string query) => Parser.ParseStatements(query)[0];

    private static bool IsNamed(ObjectName name, (string Schema, string Name) relation) => name.Position >= 0 && name.Parts is [var schema, var own] && schema == relation.Schema && own == relation.Name;

    /// <summary>Replacements of tokens, applied together.</summary>
    private sealed class Edits(string text)
    {
        private readonly List<Token> _tokens = Lexer.Tokenize(text);
        private readonly SortedDictionary<(int Start, int Order), (int End, string Text)> _changes = [];

        public int TokenAt(int position) => _tokens.FindIndex(t => t.Start >= position);

        /// <summary>The last token of a relation in FROM: its name, or * or @index behind it.</summary>
        public int EndOfTable(int name)
        {
            if (_tokens[name + 1].IsOperator("*"))
                return name + 1;
            return _tokens[name + 1].IsOperator("@") ? name + 2 : name;
        }

        /// <summary>The alias's token, behind an optional AS.</summary>
        public int EndOfAlias(int table) => _tokens[table + 1].IsWord("as") ? table + 2 : table + 1;

        public void Replace(int token, int count, string replacement)
        {
            var last = _tokens[token + count - 1];
            // What is taken out altogether takes the space up to the next token along.
            var end = replacement.Length == 0 ? _tokens[token + count].Start : last.Start + last.Length;
            _changes[(_tokens[token].Start, 1)] = (end, replacement);
        }

        public void InsertBehind(int token, string addition)
        {
            var at = _tokens[token].Start + _tokens[token].Length;
            _changes[(at, 0)] = (at, addition);
        }

        public string Apply()
        {
            var result = new StringBuilder(text.Length + 64);
            var done = 0;
            foreach (var ((start, _), (end, replacement)) in _changes)
            {
                result.Append(text, done, start - done).Append(replacement);
                done = end;
            }

            return result.Append(text, done, text.Length - done).ToString();
        }
    }
}
