using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Sql.Functions;

namespace Chitin.Sql.Binding;

/// <summary>db.information_schema.tables and the like: a computed table of another database than the session's. The binder has asked for CONNECT there.</summary>
sealed class VirtualTableElsewhere(IVirtualTable table, DatabaseDescriptor database) : IVirtualTable
{
    public uint Id => table.Id;

    public string Schema => table.Schema;

    public string Name => table.Name;

    public ImmutableArray<(string Name, SqlType Type)> Columns => table.Columns;

    public double EstimatedRows => table.EstimatedRows;

    public bool CanFind(int column) => table.CanFind(column);

    public IEnumerable<Datum[]> Rows(ISessionServices session, EvaluationContext context) => table.Rows(new Elsewhere(session, database), context);

    public IEnumerable<Datum[]> Find(int column, Datum key, ISessionServices session, EvaluationContext context) => table.Find(column, key, new Elsewhere(session, database), context);

    sealed class Elsewhere(ISessionServices session, DatabaseDescriptor database) : ISessionServices
    {
        public Principal Principal => session.Principal;

        public ICatalogSnapshot Catalog => session.Catalog;

        public IGate Gate => session.Gate;

        public DatabaseDescriptor Database => database;

        public ImmutableArray<uint> SearchPath => session.SearchPath;

        public string ApplicationName => session.ApplicationName;

        public int BackendPid => session.BackendPid;

        public string? ClientAddress => session.ClientAddress;

        public int ClientPort => session.ClientPort;

        public string ServerVersion => session.ServerVersion;

        public DateTimeOffset ServerStartTime => session.ServerStartTime;

        public ISessionInspection? Inspection => session.Inspection;

        public string? GetSetting(string name) => session.GetSetting(name);

        public string SetSetting(string name, string? value, bool local) => session.SetSetting(name, value, local);

        public long NextSequenceValue(SequenceDescriptor sequence) => session.NextSequenceValue(sequence);

        public long CurrentSequenceValue(SequenceDescriptor sequence) => session.CurrentSequenceValue(sequence);

        public void SetSequenceValue(SequenceDescriptor sequence, long value, bool isCalled) => session.SetSequenceValue(sequence, value, isCalled);

        public long LastSequenceValue() => session.LastSequenceValue();

        public void Notice(SqlNotice notice) => session.Notice(notice);

        public long? ReadSequence(SequenceDescriptor sequence) => session.ReadSequence(sequence);

        public bool SignalBackend(int pid, bool terminate) => session.SignalBackend(pid, terminate);
    }
}
