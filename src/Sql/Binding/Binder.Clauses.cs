using Chitin.Core;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Which kinds of function a clause refuses, and how the refusal is worded (ParseExprKindName and its callers).</summary>
public sealed partial class Binder
{
    static string ClauseName(ClauseKind clause, bool singular = false) => clause switch
    {
        ClauseKind.Where => "WHERE",
        ClauseKind.Having => "HAVING",
        ClauseKind.GroupBy => "GROUP BY",
        ClauseKind.OrderBy => "ORDER BY",
        ClauseKind.DistinctOn => "DISTINCT ON",
        ClauseKind.Limit => "LIMIT",
        ClauseKind.Offset => "OFFSET",
        ClauseKind.JoinOn => "JOIN conditions",
        ClauseKind.FromFunction => "functions in FROM",
        ClauseKind.Filter => "FILTER",
        ClauseKind.WindowPartition or ClauseKind.WindowOrder or ClauseKind.WindowFrame => "window definitions",
        ClauseKind.Values or ClauseKind.InsertValues => "VALUES",
        ClauseKind.Returning => "RETURNING",
        ClauseKind.UpdateSource or ClauseKind.UpdateTarget => "UPDATE",
        ClauseKind.CheckConstraint => singular ? "check constraint" : "check constraints",
        ClauseKind.ColumnDefault => singular ? "DEFAULT expression" : "DEFAULT expressions",
        ClauseKind.IndexExpression => singular ? "index expression" : "index expressions",
        ClauseKind.IndexPredicate => singular ? "index predicate" : "index predicates",
        ClauseKind.Generated => singular ? "column generation expression" : "column generation expressions",
        ClauseKind.AlterUsing => singular ? "transform expression" : "transform expressions",
        ClauseKind.CopyWhere => singular ? "COPY FROM WHERE condition" : "COPY FROM WHERE conditions",
        ClauseKind.Policy => singular ? "policy expression" : "policy expressions",
        ClauseKind.AsOf => "AS OF SYSTEM TIME",
        ClauseKind.MergeWhen => "MERGE WHEN conditions",
        ClauseKind.Call => "CALL arguments",
        _ => "this context",
    };

    void CheckAggregateAllowed(Scope owner, SyntaxNode at)
    {
        switch (owner.Clause)
        {
            case ClauseKind.Select or ClauseKind.Having or ClauseKind.OrderBy or ClauseKind.DistinctOn or ClauseKind.WindowPartition or ClauseKind.WindowOrder:
                return;
            case ClauseKind.FromSubselect:
                throw BindErrors.Grouping("aggregate functions are not allowed in FROM clause of their own query level", At(at));
            default:
                throw BindErrors.Grouping($"aggregate functions are not allowed in {ClauseName(owner.Clause)}", At(at));
        }
    }

    void CheckWindowAllowed(SyntaxNode at)
    {
        if (_scope.Clause is not (ClauseKind.Select or ClauseKind.OrderBy or ClauseKind.DistinctOn))
            throw BindErrors.Windowing($"window functions are not allowed in {ClauseName(_scope.Clause)}", At(at));
    }

    void CheckSetReturningAllowed(SyntaxNode at)
    {
        if (_scope.Conditional is { } construct)
        {
            throw BindErrors.Error(SqlState.FeatureNotSupported, $"set-returning functions are not allowed in {construct}", At(at),
                hint: "You might be able to move the set-returning function into a LATERAL FROM item.");
        }

        if (_scope.Clause == ClauseKind.FromFunction)
            throw BindErrors.NotSupported("set-returning functions must appear at top level of FROM", At(at));
        if (!_scope.AllowSetCalls || _scope.Clause is not (ClauseKind.Select or ClauseKind.OrderBy or ClauseKind.GroupBy or ClauseKind.DistinctOn or ClauseKind.InsertValues))
            throw BindErrors.NotSupported($"set-returning functions are not allowed in {ClauseName(_scope.Clause)}", At(at));
    }
}
