using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>Sequences that belong to a column: by serial, by identity, or by OWNED BY. They share its table's schema and owner and go with it.</summary>
internal static class OwnedSequences
{
    /// <param name="columnId">0: of any column.</param>
    public static List<SequenceDescriptor> Of(ICatalogSnapshot snapshot, TableDescriptor table, int columnId = 0) =>
        [.. snapshot.Relations(table.SchemaId).OfType<SequenceDescriptor>().Where(s => s.OwnerTable == table.Id && (columnId == 0 || s.OwnerColumn == columnId))];

    public static ColumnDescriptor? ColumnOf(ICatalogSnapshot snapshot, SequenceDescriptor sequence, out TableDescriptor table)
    {
        table = null!;
        if (sequence.OwnerTable == 0 || !snapshot.TryGet<TableDescriptor>(sequence.OwnerTable, out var found))
            return null;
        table = found;
        return found.Columns.FirstOrDefault(c => c.Id == sequence.OwnerColumn);
    }

    /// <summary>OWNED BY as written. 0A000 for the sequence of an identity column, 55000 when owner or schema of the table differ.</summary>
    public static SequenceDescriptor WithOwner(ICatalogSnapshot snapshot, SequenceDescriptor sequence, SequenceOptions options, TableDescriptor? target)
    {
        if (options.OwnedBy is null && !options.OwnedByNone)
            return sequence;
        if (ColumnOf(snapshot, sequence, out var table) is { Identity: not IdentityKind.None })
            throw new SqlException(SqlState.FeatureNotSupported, "cannot change ownership of identity sequence") { Detail = $"Sequence \"{sequence.Name}\" is linked to table \"{table.Name}\"." };
        if (options.OwnedByNone || target is null)
            return sequence with { OwnerTable = 0, OwnerColumn = 0 };
        if (target.Owner != sequence.Owner)
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "sequence must have same owner as table it is linked to");
        if (target.SchemaId != sequence.SchemaId)
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "sequence must be in same schema as table it is linked to");
        return sequence with { OwnerTable = target.Id, OwnerColumn = target.Columns.First(c => c.Name == options.OwnedBy!.Name).Id };
    }

    /// <summary>22023 for a type that no sequence can have.</summary>
    public static void RequireIntegerType(SqlType type, string subject)
    {
        if (type.Oid is not (PgOid.Int2 or PgOid.Int4 or PgOid.Int8))
            throw new SqlException(SqlState.InvalidParameterValue, $"{subject} must be smallint, integer, or bigint");
    }
}
