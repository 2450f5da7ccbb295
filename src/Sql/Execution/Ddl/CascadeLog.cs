using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Functions;
using Chitin.Sql.Functions.SystemInformation;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>What a DROP … CASCADE takes along, for its NOTICE: an object before those that depend on it, older ones first (dependency.c, reportDependentObjects).</summary>
internal sealed class CascadeLog
{
    /// <summary>More are counted only.</summary>
    private const int MaxListed = 100;

    private readonly Entry _root = new(0, "");
    private readonly Stack<Entry> _open = new();

    private sealed record Entry(uint Id, string Text)
    {
        public List<Entry> Dependents { get; } = [];
    }

    /// <summary>An object falls; what falls before <see cref="Leave"/> depends on it.</summary>
    public void Enter(uint id, string text)
    {
        var entry = new Entry(id, text);
        (_open.Count > 0 ? _open.Peek() : _root).Dependents.Add(entry);
        _open.Push(entry);
    }

    public void Leave() => _open.Pop();

    public void Add(uint id, string text)
    {
        Enter(id, text);
        Leave();
    }

    /// <summary>Tells the client, once.</summary>
    public void Report(ISessionServices session)
    {
        var texts = new List<string>();
        Collect(_root, texts);
        _root.Dependents.Clear();
        if (texts.Count == 0)
            return;
        if (texts.Count == 1)
        {
            session.Notice(new SqlNotice("NOTICE", SqlState.SuccessfulCompletion, $"drop cascades to {texts[0]}"));
            return;
        }

        var detail = string.Join('\n', texts.Take(MaxListed).Select(t => $"drop cascades to {t}"));
        if (texts.Count > MaxListed)
            detail += $"\nand {texts.Count - MaxListed} other {(texts.Count == MaxListed + 1 ? "object" : "objects")} (see server log for list)";
        session.Notice(new SqlNotice("NOTICE", SqlState.SuccessfulCompletion, $"drop cascades to {texts.Count} other objects", detail));
    }

    /// <summary>The name as the session must write it.</summary>
    public static string Name(UtilityContext context, RelationDescriptor relation) => CatalogSearch.IsVisible(context.Session, relation.SchemaId, relation.Name, relation.Id)
        ? SqlText.QuoteIdentifier(relation.Name)
        : CatalogSearch.SchemaName(context.Session, relation.SchemaId) is { Length: > 0 } schema ? SqlText.QuoteIdentifier(schema) + "." + SqlText.QuoteIdentifier(relation.Name) : SqlText.QuoteIdentifier(relation.Name);

    private static void Collect(Entry entry, List<string> texts)
    {
        foreach (var dependent in entry.Dependents.OrderBy(d => d.Id))
        {
            texts.Add(dependent.Text);
            Collect(dependent, texts);
        }
    }
}
