using Chitin.Core;

namespace Chitin.Sql.Syntax;

/// <summary>MERGE as PostgreSQL 15 has it.</summary>
public sealed partial class Parser
{
    private MergeStatement Merge(WithClause? with)
    {
        _next++;
        Expect("into");
        Accept("only");
        var table = Name();
        AcceptOperator("*");
        var alias = Accept("as") ? Identifier() : IsName(Current) && !IsWord("using") ? Identifier() : null;
        Expect("using");
        var source = TableReference();
        Expect("on");
        var condition = Expression();
        var actions = ImmutableArray.CreateBuilder<MergeAction>();
        while (IsWord("when"))
            actions.Add(MergeWhen());
        return actions.Count == 0 ? throw Unexpected() : new MergeStatement(table, source, condition, actions.ToImmutable()) { With = with, Alias = alias };
    }

    private MergeAction MergeWhen()
    {
        var position = Current.Start;
        Expect("when");
        var matched = !Accept("not");
        Expect("matched");
        var condition = Accept("and") ? Expression() : null;
        Expect("then");
        var action = new MergeAction(matched, MergeKind.DoNothing) { Condition = condition, Position = position };
        if (Accept("do"))
        {
            Expect("nothing");
            return action;
        }

        if (matched && Accept("update"))
        {
            Expect("set");
            return action with { Kind = MergeKind.Update, Assignments = List(Assignment) };
        }

        if (matched && Accept("delete"))
            return action with { Kind = MergeKind.Delete };
        return !matched && Accept("insert") ? MergeInsert(action with { Kind = MergeKind.Insert }) : throw Unexpected();
    }

    private MergeAction MergeInsert(MergeAction action)
    {
        ImmutableArray<(string Name, ImmutableArray<ArraySubscript> Subscripts, int Position)> columns = [];
        if (Current.Is('('))
        {
            Expect('(');
            columns = List(InsertColumn);
            Expect(')');
        }

        action = action with { Columns = [.. columns.Select(c => c.Name)], ColumnPositions = [.. columns.Select(c => c.Position)] };
        if (columns.Any(c => !c.Subscripts.IsEmpty))
            action = action with { Subscripts = [.. columns.Select(c => c.Subscripts)] };
        if (columns.IsEmpty && Accept("default", "values"))
            return action;
        if (Accept("overriding"))
        {
            action = action with { OverridingSystemValue = Accept("system") || (Accept("user") ? false : throw Unexpected()) };
            Expect("value");
        }

        var position = Current.Start;
        Expect("values");
        Expect('(');
        var values = List(Expression);
        Expect(')');
        return action with { Values = new QueryExpression(new ValuesBody([values]) { Position = position }) { Position = position } };
    }
}
