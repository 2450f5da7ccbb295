using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>An entry of a select list. Junk entries are there for ORDER BY or DISTINCT ON alone and are not shown.</summary>
internal sealed class Target(string name, BoundExpression expression, int position, SyntaxExpression? syntax, bool junk = false)
{
    public string Name { get; } = name;

    public BoundExpression Expression { get; set; } = expression;

    public int Position { get; } = position;

    public SyntaxExpression? Syntax { get; } = syntax;

    public bool Junk { get; } = junk;
}

/// <summary>A select list while its query is being bound.</summary>
internal sealed class TargetList(List<Target> items)
{
    public List<Target> Items { get; } = items;

    public int VisibleCount => Items.Count(i => !i.Junk);

    public bool HasJunk => Items.Exists(i => i.Junk);

    /// <summary>The entry that computes the same; -1 when there is none.</summary>
    public int IndexOf(BoundExpression expression) => Items.FindIndex(i => BoundEquality.Instance.Equals(i.Expression, expression));

    public int AddJunk(BoundExpression expression, int position)
    {
        Items.Add(new Target("", expression, position, null, junk: true));
        return Items.Count - 1;
    }
}

/// <summary>ORDER BY: an entry of the select list and its direction.</summary>
internal readonly record struct TargetOrder(int Index, bool Descending, bool NullsFirst);
