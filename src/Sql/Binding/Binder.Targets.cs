using System.Runtime.CompilerServices;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>What a write to a table computes and checks: expressions of the descriptor, parsed once per descriptor.</summary>
public sealed partial class Binder
{
    sealed class StoredExpressions
    {
        public Dictionary<string, SyntaxExpression> Parsed { get; } = new(StringComparer.Ordinal);
    }

    static readonly ConditionalWeakTable<TableDescriptor, StoredExpressions> s_stored = [];

    /// <summary>The target of writes to a table that no statement names (foreign key actions, COPY inside the server).</summary>
    public static BoundTarget BindTarget(TableDescriptor table, BindingContext context)
    {
        ArgumentNullException.ThrowIfNull(table);
        return new Binder(context).MakeTarget(table);
    }

    /// <summary>
    /// Binds an expression over a table's columns as DDL needs it (DEFAULT, CHECK, index parts, generated columns, ALTER … USING). Columns are those of
    /// <paramref name="row"/>, one per column of <paramref name="columns"/>. With a column given, the result has that column's type.
    /// </summary>
    public static BoundExpression BindTableExpression(SyntaxExpression expression, string table, ImmutableArray<ColumnDescriptor> columns, ImmutableArray<BoundColumn> row,
        TableExpressionKind kind, BindingContext context, ColumnDescriptor? target = null)
    {
        ArgumentNullException.ThrowIfNull(expression);
        var binder = new Binder(context) { _scope = new Scope(null) };
        if (kind == TableExpressionKind.Generated)
            binder.RefuseGenerated(expression, columns, target);
        if (kind != TableExpressionKind.Default)
        {
            binder._scope.Items.Add(new RangeItem
            {
                Name = table, Columns = [.. columns.Select((c, i) => new ScopeColumn(c.Name, new BoundColumnReference(row[i])))],
            });
        }

        return binder.BindStored(expression, kind, target);
    }

    /// <summary>42P17 for a generated column in the expression of another, or of itself.</summary>
    void RefuseGenerated(SyntaxExpression expression, ImmutableArray<ColumnDescriptor> columns, ColumnDescriptor? target)
    {
        var text = SqlDeparser.ToSql(expression);
        foreach (var column in columns.Where(c => c.Generated is not null || c.Id == target?.Id))
        {
            if (Lexer.Tokenize(text).Exists(t => t.Kind is TokenKind.Identifier or TokenKind.QuotedIdentifier && t.Value == column.Name))
            {
                throw BindErrors.Error(SqlState.InvalidObjectDefinition, $"cannot use generated column \"{column.Name}\" in column generation expression", At(expression),
                    "A generated column cannot reference another generated column.");
            }
        }
    }

    BoundExpression BindStored(SyntaxExpression expression, TableExpressionKind kind, ColumnDescriptor? target)
    {
        var clause = kind switch
        {
            TableExpressionKind.Default => ClauseKind.ColumnDefault,
            TableExpressionKind.Check => ClauseKind.CheckConstraint,
            TableExpressionKind.Generated => ClauseKind.Generated,
            TableExpressionKind.IndexExpression => ClauseKind.IndexExpression,
            TableExpressionKind.IndexPredicate => ClauseKind.IndexPredicate,
            TableExpressionKind.Policy => ClauseKind.Policy,
            _ => ClauseKind.AlterUsing,
        };
        var position = At(expression);
        var bound = BindIn(clause, expression);
        if (kind is TableExpressionKind.Check)
            bound = ToBoolean(bound, "CHECK", position);
        else if (kind is TableExpressionKind.IndexPredicate)
            bound = ToBoolean(bound, "WHERE", position);
        else if (kind is TableExpressionKind.Policy)
            bound = ToBoolean(bound, "POLICY", position);
        else if (target is null)
            bound = RefusePseudo(ToTyped(bound, position), position);
        else if (kind == TableExpressionKind.Using)
            bound = CoerceUsing(bound, target, position);
        else
            bound = CoerceDefault(bound, target, kind, position);
        CheckVolatility(bound, kind, position);
        return bound;
    }

    static BoundExpression RefusePseudo(BoundExpression bound, int position) => bound.Type.Category == TypeCategory.Pseudo
        ? throw BindErrors.Error(SqlState.InvalidTableDefinition, $"column \"{(bound is BoundRow ? "row" : "expr")}\" has pseudo-type {bound.Type.DisplayName}", position)
        : bound;

    BoundExpression CoerceUsing(BoundExpression bound, ColumnDescriptor target, int position)
    {
        if (TryCoerce(bound, target.Type, CastContext.Assignment, position) is not { } coerced)
        {
            throw BindErrors.Mismatch($"column \"{target.Name}\" cannot be cast automatically to type {target.Type.DisplayName}", position,
                $"You might need to specify \"USING {BindErrors.Quote(target.Name)}::{target.Type.FormatName(target.TypeModifier)}\".");
        }

        return ApplyModifier(coerced, target.TypeModifier, false, position);
    }

    BoundExpression CoerceDefault(BoundExpression bound, ColumnDescriptor target, TableExpressionKind kind, int position)
    {
        bound = Refresh(bound);
        var interval = target.Type.Oid == PgOid.Interval ? target.TypeModifier : -1;
        if (TryCoerce(bound, target.Type, CastContext.Assignment, position, interval) is not { } coerced)
        {
            var what = kind == TableExpressionKind.Generated ? "generation expression" : "default expression";
            throw BindErrors.Mismatch($"column \"{target.Name}\" is of type {target.Type.DisplayName} but {what} is of type {bound.Type.DisplayName}", position,
                "You will need to rewrite or cast the expression.");
        }

        return ApplyModifier(coerced, target.TypeModifier, false, position);
    }

    static void CheckVolatility(BoundExpression bound, TableExpressionKind kind, int position)
    {
        if (kind is not (TableExpressionKind.Generated or TableExpressionKind.IndexExpression or TableExpressionKind.IndexPredicate) ||
            BoundInspection.VolatilityOf(bound) == Volatility.Immutable)
            return;
        throw kind switch
        {
            TableExpressionKind.Generated => BindErrors.Error(SqlState.InvalidObjectDefinition, "generation expression is not immutable", position),
            TableExpressionKind.IndexPredicate => BindErrors.Error(SqlState.InvalidObjectDefinition, "functions in index predicate must be marked IMMUTABLE", position),
            _ => BindErrors.Error(SqlState.InvalidObjectDefinition, "functions in index expression must be marked IMMUTABLE", position),
        };
    }

    /// <summary>Everything that writing needs, but defaults only for INSERT and for SET DEFAULT actions.</summary>
    BoundTarget MakeTarget(TableDescriptor table)
    {
        ImmutableArray<BoundColumn> row = [.. table.Columns.Select(c => new BoundColumn(c.Name, c.Type, c.TypeModifier) { SourceTable = table.Id, SourceColumn = c.Id })];
        return Silently(() =>
        {
            var item = TableItem(table, row, null, null, "", [], null);
            // Stored expressions may name the hidden row id as any other column.
            _scope.Items = [item];
            var generated = ImmutableArray.CreateBuilder<(int, BoundExpression)>();
            var defaults = ImmutableArray.CreateBuilder<BoundExpression?>(table.Columns.Length);
            for (var i = 0; i < table.Columns.Length; i++)
            {
                var column = table.Columns[i];
                if (column.Generated is { } text)
                    generated.Add((i, BindStoredText(table, text, ClauseKind.Generated, column)));
                defaults.Add(column.Generated is null ? DefaultOf(table, column) : null);
            }

            return new BoundTarget(table)
            {
                Row = row,
                Generated = generated.ToImmutable(),
                Domains = DomainColumns(table, row),
                Checks = [.. table.Checks.Select(c => (c.Name, BindStoredText(table, c.Expression, ClauseKind.CheckConstraint, null, SqlTypes.Bool)))],
                Indexes = table.PrimaryIndex.Parts.IsEmpty && table.Indexes.IsEmpty ? [] : [BindIndex(table, table.PrimaryIndex), .. table.Indexes.Select(x => BindIndex(table, x))],
                Defaults = defaults.MoveToImmutable(),
            };
        });
    }

    (ImmutableArray<BoundExpression?>, BoundExpression?) BindIndex(TableDescriptor table, IndexDescriptor index) =>
    (
        [.. index.Parts.Select(p => p.Expression is { } text ? BindStoredText(table, text, ClauseKind.IndexExpression, null, p.Type) : null)],
        index.Predicate is { } predicate ? BindStoredText(table, predicate, ClauseKind.IndexPredicate, null, SqlTypes.Bool) : null);

    /// <summary>The value of a column that a statement leaves out; null = NULL.</summary>
    BoundExpression? DefaultOf(TableDescriptor table, ColumnDescriptor column)
    {
        if (column.Identity != IdentityKind.None && column.OwnedSequence != 0 && Catalog.TryGet<SequenceDescriptor>(column.OwnedSequence, out var sequence))
            return TryCoerce(new BoundNextValue(sequence, SqlTypes.Int8), column.Type, CastContext.Assignment, 0);
        if ((column.Default ?? DomainDefault(column.Type)) is not { } text)
            return null;
        return Silently(() => BindStoredText(table, text, ClauseKind.ColumnDefault, column));
    }

    BoundExpression BindStoredText(TableDescriptor table, string text, ClauseKind clause, ColumnDescriptor? column, SqlType? type = null)
    {
        var stored = s_stored.GetOrCreateValue(table).Parsed;
        SyntaxExpression? syntax;
        lock (stored)
        {
            if (!stored.TryGetValue(text, out syntax))
                stored.Add(text, syntax = Parser.ParseExpression(text));
        }

        var bound = BindIn(clause, syntax);
        if (column is not null)
            return CoerceForAssignment(bound, column, 0);
        return TryCoerce(bound, type!, CastContext.Assignment, 0) ?? throw BindErrors.CannotCast(bound.Type, type!, 0);
    }

    /// <summary>Runs an action in an empty scope whose accesses are not recorded.</summary>
    T Silently<T>(Func<T> action)
    {
        var saved = (_scope, _silent);
        (_scope, _silent) = (new Scope(null), true);
        try
        {
            return action();
        }
        finally
        {
            (_scope, _silent) = saved;
        }
    }
}

/// <summary>What an expression in a table definition is for: decides what it may hold and how errors are worded.</summary>
public enum TableExpressionKind : byte { Default, Check, Generated, IndexExpression, IndexPredicate, Using, Policy }
