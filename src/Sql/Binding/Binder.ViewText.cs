using System.Text;
using Chitin.Catalog;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>
/// What CREATE VIEW stores: the query as written, but with relation and type names qualified and stars spelt out, so that neither search_path nor later columns change its meaning.
/// Done by edits to the text at the positions that the syntax tree carries.
/// </summary>
public sealed partial class Binder
{
    /// <summary>Pending replacements: offset in the statement's text, length (-1: through the next '*'), new text. Null when nothing is recorded.</summary>
    List<(int Offset, int Length, string Text)>? _edits;

    /// <summary>Relations that the view being made names as constants: 't'::regclass.</summary>
    readonly HashSet<uint> _constants = [];

    bool RecordsEdits => _edits is not null && _views.Count == 0 && !_silent;

    void QualifyRelation(ObjectName name, string schema)
    {
        if (RecordsEdits && name.Schema is null && name.Position >= 0)
            _edits!.Add((name.Position, 0, BindErrors.Quote(schema) + "."));
    }

    void NoteConstant(RelationDescriptor? relation)
    {
        if (RecordsEdits && relation is not null)
            _constants.Add(relation.Id);
    }

    void QualifyType(TypeName name, string schema)
    {
        if (RecordsEdits && name.Name.Length == 1 && name.Position >= 0)
            _edits!.Add((name.Position, 0, BindErrors.Quote(schema) + "."));
    }

    void SpellOut(StarExpression star, IEnumerable<(RangeItem Item, ScopeColumn Column)> columns)
    {
        if (!RecordsEdits || star.Position < 0)
            return;
        var text = string.Join(", ", columns.Select(c => c.Item.RelationVisible && !c.Item.IsJoin
            ? $"{BindErrors.Quote(c.Item.Name)}.{BindErrors.Quote(c.Column.Name)}"
            : OwnerOf(c.Column) is { } owner
                ? $"{BindErrors.Quote(owner.Name)}.{BindErrors.Quote(OwnName(owner, c.Column))}{(OwnName(owner, c.Column) == c.Column.Name ? "" : " AS " + BindErrors.Quote(c.Column.Name))}"
                : BindErrors.Quote(c.Column.Name)));
        _edits!.Add(star.IsTable ? (star.Position, "table".Length, $"SELECT {text} FROM") : (star.Position, -1, text));
    }

    /// <summary>The table that a column of an unnamed join comes from unchanged.</summary>
    RangeItem? OwnerOf(ScopeColumn column) => _scope.Items.Find(i => i.RelationVisible && !i.IsJoin && i.Columns.Any(c => SameColumn(c, column)));

    static string OwnName(RangeItem owner, ScopeColumn column) => owner.Columns.First(c => SameColumn(c, column)).Name;

    static bool SameColumn(ScopeColumn left, ScopeColumn right) =>
        left.Value is BoundColumnReference l && right.Value is BoundColumnReference r && l.Column == r.Column;

    string ApplyEdits(CreateViewStatement statement)
    {
        var text = statement.QueryText;
        var start = statement.Query.Position;
        // The query's position is that of its first token, which may stand behind opening parentheses of the stored text.
        if (start < 0 || start + text.Length > statement.Text.Length || string.CompareOrdinal(statement.Text, start, text, 0, text.Length) != 0)
            start = statement.Text.IndexOf(text, StringComparison.Ordinal);
        if (start < 0)
            return text;
        var query = ApplyEdits(text, start);
        if (!statement.Recursive)
            return query;
        var columns = string.Join(", ", statement.Columns.Select(BindErrors.Quote));
        var name = BindErrors.Quote(statement.Name.Name);
        return $"WITH RECURSIVE {name} ({columns}) AS ({query}) SELECT {columns} FROM {name}";
    }

    /// <param name="text">What was bound.</param>
    /// <param name="start">Where it stands in the text that positions count from.</param>
    string ApplyEdits(string text, int start = 0)
    {
        var result = new StringBuilder(text.Length + 64);
        var done = 0;
        foreach (var (offset, length, replacement) in _edits!.Distinct().OrderBy(e => e.Offset))
        {
            var at = offset - start;
            if (at < done || at > text.Length)
                continue;
            result.Append(text, done, at - done).Append(replacement);
            done = length >= 0 ? at + length : text.IndexOf('*', at) + 1;
        }

        return result.Append(text, done, text.Length - done).ToString();
    }
}
