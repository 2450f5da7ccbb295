using Chitin.Catalog;
using Chitin.Core;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>ALTER COLUMN … ADD GENERATED AS IDENTITY, SET GENERATED and its companions, DROP IDENTITY (ALTER TABLE page; ATExecAddIdentity and its neighbours).</summary>
internal sealed partial class TableCommands
{
    private void AddIdentity(TableDescriptor table, AddIdentityAction add)
    {
        var column = RequireColumn(table, add.Column);
        if (!column.NotNull)
            throw NotReady($"column \"{column.Name}\" of relation \"{table.Name}\" must be declared NOT NULL before identity can be added");
        if (column.Identity != IdentityKind.None)
            throw NotReady($"column \"{column.Name}\" of relation \"{table.Name}\" is already an identity column");
        OwnedSequences.RequireIntegerType(column.Type, "identity column type");
        if (column.Default is not null || column.Generated is not null)
            throw NotReady($"column \"{column.Name}\" of relation \"{table.Name}\" already has a default value");
        var sequence = SequenceBuilder.ForColumn(context, table.SchemaId, table.Name, column.Name, column.Type, add.Identity.Options, isIdentity: true) with
        {
            SchemaId = table.SchemaId,
            DatabaseId = table.DatabaseId,
            TemporarySession = table.TemporarySession,
            OwnerTable = table.Id,
            OwnerColumn = column.Id,
            Owner = table.Owner,
            Acl = ObjectCommands.InitialAcl(context, ObjectKind.Sequence, table.DatabaseId, table.SchemaId),
        };
        Catalog.Put(sequence);
        Replace(table, column, c => c with { Identity = add.Identity.Always ? IdentityKind.Always : IdentityKind.ByDefault, OwnedSequence = sequence.Id });
    }

    private void SetIdentity(TableDescriptor table, SetIdentityAction set)
    {
        var column = RequireColumn(table, set.Column);
        if (column.Identity == IdentityKind.None)
            throw NotReady($"column \"{column.Name}\" of relation \"{table.Name}\" is not an identity column");
        if (set.Always is { } always)
            Replace(table, column, c => c with { Identity = always ? IdentityKind.Always : IdentityKind.ByDefault });
        if (Catalog.Snapshot.TryGet<SequenceDescriptor>(column.OwnedSequence, out var sequence) && set.Options != SequenceOptions.None)
            SequenceBuilder.Change(context, sequence, set.Options, null, s => s);
    }

    /// <summary>The column keeps its values and NOT NULL; the sequence goes.</summary>
    private void DropIdentity(TableDescriptor table, DropIdentityAction drop)
    {
        var column = RequireColumn(table, drop.Column);
        if (column.Identity == IdentityKind.None)
        {
            if (!drop.IfExists)
                throw NotReady($"column \"{column.Name}\" of relation \"{table.Name}\" is not an identity column");
            context.Session.Notice(new SqlNotice("NOTICE", SqlState.SuccessfulCompletion, $"column \"{column.Name}\" of relation \"{table.Name}\" is not an identity column, skipping"));
            return;
        }

        if (Catalog.Snapshot.TryGet<SequenceDescriptor>(column.OwnedSequence, out var sequence))
            Catalog.Remove(sequence);
        Replace(table, column, c => c with { Identity = IdentityKind.None, OwnedSequence = 0 });
    }

    private void DropExpression(TableDescriptor table, DropExpressionAction drop)
    {
        var column = RequireColumn(table, drop.Column);
        if (column.Generated is not null)
        {
            Replace(table, column, c => c with { Generated = null });
            return;
        }

        if (!drop.IfExists)
            throw NotReady($"column \"{column.Name}\" of relation \"{table.Name}\" is not a stored generated column");
        context.Session.Notice(new SqlNotice("NOTICE", SqlState.SuccessfulCompletion, $"column \"{column.Name}\" of relation \"{table.Name}\" is not a stored generated column, skipping"));
    }

    /// <summary>42601 where identity or a generation expression already says what the default or NOT NULL would.</summary>
    private static void RefuseIdentity(TableDescriptor table, ColumnDescriptor column, string? hint)
    {
        if (column.Identity != IdentityKind.None)
            throw new SqlException(SqlState.SyntaxError, $"column \"{column.Name}\" of relation \"{table.Name}\" is an identity column") { Hint = hint };
    }

    private static SqlException NotReady(string message) => new(SqlState.ObjectNotInPrerequisiteState, message);
}
