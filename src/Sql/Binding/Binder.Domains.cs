using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Domains: no expression has one as its type; a conversion to one looks at its constraints and gives a value of the base type.</summary>
public sealed partial class Binder
{
    /// <summary>
    /// Binds a DEFAULT or CHECK of a domain as it is defined: VALUE is a value of the base type. Class 42 errors.
    /// </summary>
    public static BoundExpression BindDomainExpression(SyntaxExpression expression, string domain, SqlType baseType, int modifier, TableExpressionKind kind, BindingContext context)
    {
        var binder = new Binder(context) { _scope = new Scope(null) };
        if (kind == TableExpressionKind.Check)
        {
            binder._scope.Items.Add(ValueItem(new BoundColumn("value", baseType, modifier)));
            return binder.BindStored(expression, kind, null);
        }

        var target = new Catalog.ColumnDescriptor { Id = 1, Name = domain, Type = baseType, TypeModifier = modifier };
        return binder.BindStored(expression, kind, target);
    }

    static RangeItem ValueItem(BoundColumn value) => new() { Name = "", RelationVisible = false, Columns = [new ScopeColumn("value", new BoundColumnReference(value))] };

    /// <summary>Null when the context allows no conversion to the base type.</summary>
    BoundExpression? CoerceToDomain(BoundExpression expression, DomainType domain, CastContext context, int position)
    {
        var (type, modifier) = DomainType.Base(domain, -1);
        if (TryCoerce(expression, type, context, position, type.Oid == PgOid.Interval ? modifier : -1) is not { } value)
            return null;
        return CheckDomain(ApplyModifier(value, modifier, context == CastContext.Explicit, position), domain);
    }

    /// <summary>The value, when it keeps the constraints of the domain and of those below it, which come first.</summary>
    BoundExpression CheckDomain(BoundExpression value, DomainType domain)
    {
        var all = domain;
        for (var below = domain.BaseType as DomainType; below is not null; below = below.BaseType as DomainType)
            all = all.With(isNotNull: all.NotNull || below.NotNull, newChecks: [.. below.Checks, .. all.Checks]);
        if (!all.NotNull && all.Checks.IsEmpty)
            return value;
        var variable = new BoundColumn("value", value.Type, value.TypeModifier);
        var checks = Silently(() =>
        {
            _scope.Items.Add(ValueItem(variable));
            return all.Checks.Select(c => BindStored(Parser.ParseExpression(c.Expression), TableExpressionKind.Check, null)).ToImmutableArray();
        });
        ImmutableArray<BoundExpression> arguments = [new BoundColumnReference(variable), .. checks];
        return new BoundLet(variable, value, new BoundCall(new ResolvedCall(DomainConstraints.Function, [.. arguments.Select(a => a.Type)], all), arguments, value.Type, null, value.TypeModifier));
    }

    /// <summary>Constraints of the columns whose types are domains, over the new row: also for values that no expression gave (COPY, foreign key actions).</summary>
    ImmutableArray<(int Ordinal, BoundExpression Expression)> DomainColumns(Catalog.TableDescriptor table, ImmutableArray<BoundColumn> row)
    {
        var found = ImmutableArray.CreateBuilder<(int, BoundExpression)>();
        for (var i = 0; i < row.Length; i++)
        {
            if (table.Columns[i].Type is DomainType domain && CheckDomain(new BoundColumnReference(row[i]), domain) is not BoundColumnReference and var value)
                found.Add((i, value));
            else if (table.Columns[i].ValueType is CompositeType composite && CheckComposite(new BoundColumnReference(row[i]), composite) is not BoundColumnReference and var whole)
                found.Add((i, whole));
        }

        return found.ToImmutable();
    }

    /// <summary>The default of the nearest domain that has one, for a column without its own.</summary>
    static string? DomainDefault(SqlType type)
    {
        for (; type is DomainType domain; type = domain.BaseType)
        {
            if (domain.Default is { } text)
                return text;
        }

        return null;
    }

    /// <summary>Objects: the schema.</summary>
    BoundUtility BindCreateDomain(CreateDomainStatement s)
    {
        NoteTypeOfColumn(s.Type);
        if (!s.Collation.IsEmpty)
            CheckCollation(s.Collation, s);
        return Utility(s, RequireCreationSchema(s.Name, false));
    }

    /// <summary>Objects: the domain.</summary>
    BoundUtility BindAlterDomain(AlterDomainStatement s)
    {
        var type = RequireOwnedType(s.Name);
        return type.Type is DomainType ? Utility(s, type) : throw BindErrors.WrongObject($"{s.Name} is not a domain", 0);
    }
}
