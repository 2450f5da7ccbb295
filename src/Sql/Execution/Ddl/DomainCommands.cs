using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;
using Chitin.Transactions;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>CREATE and ALTER DOMAIN, CREATE TYPE … AS (…) (typecmds.c).</summary>
internal sealed class DomainCommands(SqlEngine engine, UtilityContext context, CancellationToken cancellationToken)
{
    private const int MaxAttributes = 1600;

    private ICatalogTransaction Catalog => context.Catalog;

    private BindingContext Binding => engine.MakeContext(context.Environment, []);

    public void Create(CreateDomainStatement statement, BoundUtility utility)
    {
        var schema = (SchemaDescriptor)utility.Objects[0]!;
        var name = statement.Name.Name;
        if (Catalog.Snapshot.TryGetType(schema.Id, name, out _))
            throw new SqlException(SqlState.DuplicateObject, $"type \"{name}\" already exists");
        var (type, modifier) = Binder.ResolveType(statement.Type, Binding);
        if (type.Category == TypeCategory.Pseudo)
            throw new SqlException(SqlState.DatatypeMismatch, $"\"{type.DisplayName}\" is not a valid base type for a domain");
        if (statement.Constraints.OfType<DefaultConstraint>().Count() > 1)
            throw new SqlException(SqlState.SyntaxError, "multiple default expressions");
        if (statement.Constraints.OfType<NotNullConstraint>().Select(c => c.NotNull).Distinct().Count() > 1)
            throw new SqlException(SqlState.SyntaxError, "conflicting NULL/NOT NULL constraints");
        var checks = ImmutableArray.CreateBuilder<DomainCheck>();
        foreach (var check in statement.Constraints.OfType<CheckColumnConstraint>())
            checks.Add(MakeCheck(name, type, modifier, checks, check.Name, check.Expression, false));
        var id = Catalog.NewId();
        Catalog.Put(new TypeDescriptor
        {
            Id = id, Name = name, DatabaseId = schema.DatabaseId, SchemaId = schema.Id, Owner = context.User, Acl = ObjectCommands.InitialAcl(context, ObjectKind.Type, schema.DatabaseId, schema.Id),
            Type = new DomainType(
                id, Catalog.NewId(), name, type, modifier, statement.Constraints.OfType<NotNullConstraint>().Any(c => c.NotNull),
                statement.Constraints.OfType<DefaultConstraint>().FirstOrDefault() is { } value ? DefaultText(value.Expression, name, type, modifier) : null, checks.ToImmutable()),
        });
    }

    public void CreateComposite(CreateCompositeStatement statement, BoundUtility utility)
    {
        var schema = (SchemaDescriptor)utility.Objects[0]!;
        var name = statement.Name.Name;
        if (Catalog.Snapshot.TryGetRelation(schema.Id, name, out _))
            throw new SqlException(SqlState.DuplicateTable, $"relation \"{name}\" already exists");
        if (Catalog.Snapshot.TryGetType(schema.Id, name, out _))
            throw new SqlException(SqlState.DuplicateObject, $"type \"{name}\" already exists");
        if (statement.Attributes.Length > MaxAttributes)
            throw new SqlException(SqlState.TooManyColumns, $"tables can have at most {MaxAttributes} columns");
        var attributes = ImmutableArray.CreateBuilder<CompositeAttribute>(statement.Attributes.Length);
        foreach (var attribute in statement.Attributes)
        {
            if (attributes.Any(a => a.Name == attribute.Name))
                throw new SqlException(SqlState.DuplicateColumn, $"column \"{attribute.Name}\" specified more than once");
            var (type, modifier) = Binder.ResolveType(attribute.Type, Binding);
            if (type.Category == TypeCategory.Pseudo)
                throw new SqlException(SqlState.InvalidTableDefinition, $"column \"{attribute.Name}\" has pseudo-type {type.DisplayName}");
            attributes.Add(new CompositeAttribute(attribute.Name, type, modifier));
        }

        var id = Catalog.NewId();
        Catalog.Put(new TypeDescriptor
        {
            Id = id, Name = name, DatabaseId = schema.DatabaseId, SchemaId = schema.Id, Owner = context.User, Acl = ObjectCommands.InitialAcl(context, ObjectKind.Type, schema.DatabaseId, schema.Id),
            Type = new CompositeType(id, Catalog.NewId(), name, attributes.MoveToImmutable()),
        });
    }

    public async ValueTask AlterAsync(AlterDomainStatement statement, BoundUtility utility)
    {
        var descriptor = (TypeDescriptor)utility.Objects[0]!;
        var domain = (DomainType)descriptor.Type;
        switch (statement.Kind)
        {
            case DomainActionKind.SetDefault:
                Put(descriptor, domain.WithDefault(statement.Expression is { } value ? DefaultText(value, domain.Name, domain.BaseType, domain.BaseModifier) : null));
                break;
            case DomainActionKind.SetNotNull:
                if (statement.NotNull && !domain.NotNull)
                    await ValidateAsync(descriptor, domain.With(isNotNull: true, newChecks: []));
                Put(descriptor, domain.With(isNotNull: statement.NotNull));
                break;
            case DomainActionKind.AddCheck:
                var check = MakeCheck(domain.Name, domain.BaseType, domain.BaseModifier, domain.Checks, statement.Constraint, statement.Expression!, statement.NotValid);
                if (!statement.NotValid)
                    await ValidateAsync(descriptor, domain.With(isNotNull: false, newChecks: [check]));
                Put(descriptor, domain.With(newChecks: domain.Checks.Add(check)));
                break;
            case DomainActionKind.DropConstraint:
                if (domain.Checks.Any(c => c.Name == statement.Constraint))
                    Put(descriptor, domain.With(newChecks: domain.Checks.RemoveAll(c => c.Name == statement.Constraint)));
                else if (statement.IfExists)
                    context.Session.Notice(new SqlNotice("NOTICE", SqlState.UndefinedObject, $"constraint \"{statement.Constraint}\" of domain \"{domain.Name}\" does not exist, skipping"));
                else
                    throw Missing(domain, statement.Constraint!);
                break;
            case DomainActionKind.ValidateConstraint:
                var found = domain.Checks.FirstOrDefault(c => c.Name == statement.Constraint) ?? throw Missing(domain, statement.Constraint!);
                await ValidateAsync(descriptor, domain.With(isNotNull: false, newChecks: [found]));
                Put(descriptor, domain.With(newChecks: domain.Checks.Replace(found, found with { Validated = true })));
                break;
            default:
                Rename(descriptor, domain, statement.Constraint!, statement.NewName!);
                break;
        }
    }

    private void Rename(TypeDescriptor descriptor, DomainType domain, string old, string name)
    {
        var check = domain.Checks.FirstOrDefault(c => c.Name == old) ?? throw new SqlException(SqlState.UndefinedObject, $"constraint \"{old}\" for domain {domain.Name} does not exist");
        if (domain.Checks.Any(c => c.Name == name))
            throw Duplicate(domain.Name, name);
        Put(descriptor, domain.With(newChecks: domain.Checks.Replace(check, check with { Name = name })));
    }

    private string? DefaultText(SyntaxExpression value, string name, SqlType type, int modifier)
    {
        if (value is LiteralExpression { Kind: LiteralKind.Null })
            return null;
        Binder.BindDomainExpression(value, name, type, modifier, TableExpressionKind.Default, Binding);
        return SqlDeparser.ToSql(value);
    }

    private DomainCheck MakeCheck(string domain, SqlType type, int modifier, IReadOnlyCollection<DomainCheck> others, string? name, SyntaxExpression expression, bool notValid)
    {
        if (name is not null && others.Any(c => c.Name == name))
            throw Duplicate(domain, name);
        Binder.BindDomainExpression(expression, domain, type, modifier, TableExpressionKind.Check, Binding);
        return new DomainCheck(name ?? TableBuilder.Unique($"{domain}_check", n => others.Any(c => c.Name == n)), SqlDeparser.ToSql(expression), !notValid);
    }

    /// <summary>Looks at every stored value under a type that has the new constraint alone. 23502, 23514.</summary>
    private async ValueTask ValidateAsync(TypeDescriptor descriptor, DomainType alone)
    {
        Put(descriptor, alone);
        var tables = Catalog.Snapshot.Schemas(descriptor.DatabaseId).SelectMany(s => Catalog.Snapshot.Relations(s.Id)).OfType<TableDescriptor>().Where(t => t.Columns.Any(c => IsOver(c.Type, alone.Oid))).ToList();
        foreach (var table in tables)
        {
            await context.Environment.Transaction.LockRelationAsync(table.Id, RelationLock.Exclusive, cancellationToken);
            new TableCommands(engine, context, cancellationToken).ValidateDomain(table, ordinal => IsOver(table.Columns[ordinal].Type, alone.Oid));
        }
    }

    private static bool IsOver(SqlType type, uint domain)
    {
        for (; type is DomainType own; type = own.BaseType)
        {
            if (own.Oid == domain)
                return true;
        }

        return false;
    }

    private void Put(TypeDescriptor descriptor, DomainType type)
    {
        var version = Catalog.Snapshot.TryGet<TypeDescriptor>(descriptor.Id, out var current) ? current.Version : descriptor.Version;
        Catalog.Put(descriptor with { Type = type, Version = version + 1 });
    }

    private static SqlException Missing(DomainType domain, string constraint) => new(SqlState.UndefinedObject, $"constraint \"{constraint}\" of domain \"{domain.Name}\" does not exist");

    private static SqlException Duplicate(string domain, string constraint) => new(SqlState.DuplicateObject, $"constraint \"{constraint}\" for domain \"{domain}\" already exists");
}
