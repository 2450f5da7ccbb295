using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>Runs statements that change or show definitions.</summary>
internal sealed class UtilityRunner(SqlEngine engine, DdlServices services, StatementEnvironment environment)
{
    private readonly UtilityContext _context = new(environment, services);

    public async ValueTask<IStatementResult> RunAsync(BoundUtility utility, CancellationToken cancellationToken)
    {
        if (utility.Syntax is not (ShowStatement or LockTableStatement) && environment.Transaction.IsReadOnly)
            throw new SqlException(SqlState.ReadOnlySqlTransaction, "cannot execute a definition statement in a read-only transaction");
        environment.Transaction.BeginStatement();
        var tables = new TableCommands(engine, _context, cancellationToken);
        var objects = new ObjectCommands(engine, _context, cancellationToken);
        switch (utility.Syntax)
        {
            case ShowStatement:
                var rows = ShowCommands.Rows(_context, utility);
                return new ChangeResult("SHOW", rows.Count, rows);
            case CreateTableStatement s:
                return Done(await tables.CreateAsync(s, utility), "CREATE TABLE");
            case CreateTableAsStatement s:
                return await tables.CreateAsAsync(s, utility);
            case AlterTableStatement s:
                await tables.AlterAsync(s, utility);
                _context.Cascades.Report(_context.Session);
                return Done("ALTER TABLE");
            case TruncateStatement s:
                await tables.TruncateAsync(s, utility);
                return Done("TRUNCATE TABLE");
            case CreateIndexStatement s:
                await tables.CreateIndexAsync(s, utility);
                return Done("CREATE INDEX");
            case MaintenanceStatement s:
                await tables.AnalyzeAsync(s, utility);
                return Done(s.Vacuum ? "VACUUM" : "ANALYZE");
            case CreatePolicyStatement s:
                tables.CreatePolicy(s, utility);
                return Done("CREATE POLICY");
            case AlterPolicyStatement s:
                tables.AlterPolicy(s, utility);
                return Done("ALTER POLICY");
            case DropPolicyStatement s:
                tables.DropPolicy(s, utility);
                return Done("DROP POLICY");
            case CreateViewStatement s:
                objects.CreateView(s, utility);
                return Done("CREATE VIEW");
            case CreateSequenceStatement s:
                objects.CreateSequence(s, utility);
                return Done("CREATE SEQUENCE");
            case AlterSequenceStatement s:
                objects.AlterSequence(s, utility);
                return Done("ALTER SEQUENCE");
            case CreateSchemaStatement s:
                objects.CreateSchema(s, utility);
                return Done("CREATE SCHEMA");
            case CreateDatabaseStatement s:
                objects.CreateDatabase(s, utility);
                return Done("CREATE DATABASE");
            case CreateEnumStatement s:
                objects.CreateEnum(s, utility);
                return Done("CREATE TYPE");
            case CreateCompositeStatement s:
                new DomainCommands(engine, _context, cancellationToken).CreateComposite(s, utility);
                return Done("CREATE TYPE");
            case CreateDomainStatement s:
                new DomainCommands(engine, _context, cancellationToken).Create(s, utility);
                return Done("CREATE DOMAIN");
            case AlterDomainStatement s:
                await new DomainCommands(engine, _context, cancellationToken).AlterAsync(s, utility);
                return Done("ALTER DOMAIN");
            case AddEnumValueStatement s:
                objects.AddEnumValue(s, utility);
                return Done("ALTER TYPE");
            case RenameEnumValueStatement s:
                objects.RenameEnumValue(s, utility);
                return Done("ALTER TYPE");
            case RenameStatement s:
                new RenameCommands(_context).Rename(s, utility);
                return Done("ALTER " + s.Kind.ToString().ToUpperInvariant() switch { "COLUMN" or "CONSTRAINT" => "TABLE", var kind => kind });
            case SetSchemaStatement s:
                new RenameCommands(_context).SetSchema(utility);
                return Done("ALTER " + s.Kind.ToString().ToUpperInvariant());
            case AlterOwnerStatement s:
                objects.AlterOwner(utility);
                return Done("ALTER " + s.Kind.ToString().ToUpperInvariant());
            case CommentStatement s:
                objects.Comment(s, utility);
                return Done("COMMENT");
            case DropStatement s:
                await objects.DropAsync(s, utility);
                if (s.Kind != AlterObjectKind.Database)
                    _context.Cascades.Report(_context.Session);
                return Done("DROP " + s.Kind.ToString().ToUpperInvariant());
            case LockTableStatement:
                return Done("LOCK TABLE");
            default:
                return Done(await RoleCommands.RunAsync(engine, _context, utility, cancellationToken));
        }
    }

    private static ChangeResult Done(string tag) => new(tag, 0, null);

    private static ChangeResult Done(bool _, string tag) => new(tag, 0, null);
}
