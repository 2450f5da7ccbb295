using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Security.Authorization;
using Chitin.Security.Credentials;
using Chitin.Sessions;
using Chitin.Sql.Execution;
using Chitin.Sql.Execution.Ddl;
using Chitin.Sql.SystemViews;
using Chitin.Testing;
using Chitin.Transactions;

namespace Chitin.SqlLogicTests;

/// <summary>The layers from Sessions down to an encrypted store, without network.</summary>
internal sealed class InProcessNode : IAsyncDisposable
{
    private readonly StoreFixture _fixture = new();
    private readonly IDisposable _store;
    private readonly TransactionManager _transactions;

    private static readonly PasswordHasher s_hasher = new();

    private InProcessNode()
    {
        var store = _fixture.Open();
        _store = store;
        _transactions = new TransactionManager(store, new LocalCommitLog(store), TimeProvider.System);
    }

    public SessionHost Host { get; private set; } = null!;

    public CountingSpillArea SpillArea { get; } = new();

    public static async Task<InProcessNode> StartAsync()
    {
        var node = new InProcessNode();
        var catalog = await CatalogStore.OpenAsync(node._transactions, CancellationToken.None);
        node.Host = new SessionHost
        {
            Engine = new SqlEngine(SystemCatalog.Instance, new DdlServices { MakePasswordVerifier = s_hasher.MakeVerifier }),
            Transactions = node._transactions,
            Catalog = catalog,
            Gate = new Gate(),
            Audit = new NoAudit(),
            SpillArea = node.SpillArea,
        };
        return node;
    }

    public (Session Session, CollectingSink Sink) Connect(string user, string database = "defaultdb")
    {
        var catalog = Host.Catalog.Current;
        Assert.True(catalog.TryGetRole(user, out var role));
        Assert.True(catalog.TryGetDatabase(database, out var found));
        var sink = new CollectingSink();
        return (Session.Open(Host, new SessionIdentity { Role = role, Database = found }, sink), sink);
    }

    public ValueTask DisposeAsync()
    {
        _transactions.Dispose();
        _store.Dispose();
        _fixture.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed class NoAudit : IAuditTrail
    {
        public bool Concerns(AccessSet accesses, ICatalogSnapshot catalog) => false;

        public void Record(AuditedStatement statement, ICatalogSnapshot catalog)
        {
        }
    }
}

/// <summary>Keeps what a session says, as text.</summary>
internal sealed class CollectingSink : IResultSink
{
    private ImmutableArray<ResultColumn> _columns = [];
    private FormatSettings _settings = FormatSettings.Default;

    public List<string[]> Rows { get; } = [];

    public List<string> Tags { get; } = [];

    public SqlException? LastError { get; private set; }

    public bool WantsFlush => false;

    /// <summary>What COPY FROM STDIN reads and COPY TO STDOUT has written.</summary>
    public ScriptedCopy Copy { get; } = new();

    public ICopySource? CopySource => Copy;

    public ICopySink? CopySink => Copy;

    public void Clear()
    {
        Rows.Clear();
        Tags.Clear();
        LastError = null;
        Copy.Clear();
    }

    public void BeginRows(ImmutableArray<ResultColumn> columns, ResultFormats formats, bool describe, FormatSettings settings)
    {
        _columns = columns;
        _settings = settings;
    }

    public void Row(ReadOnlySpan<Datum> row)
    {
        var text = new string[row.Length];
        for (var i = 0; i < text.Length; i++)
            text[i] = row[i].IsNull ? "NULL" : _columns[i].Type.Format(row[i], _settings);
        Rows.Add(text);
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void CommandComplete(string tag) => Tags.Add(tag);

    public void PortalSuspended()
    {
    }

    public void EmptyQuery()
    {
    }

    public void Error(SqlException error) => LastError = error;

    public void Notice(SqlNotice notice)
    {
    }

    public void ParameterStatus(string name, string value)
    {
    }

    public void Notification(int processId, string channel, string payload)
    {
    }

    public long Mark() => Rows.Count;

    public bool CanCut(long mark) => mark == Rows.Count;

    public byte[] Cut(long start, long end) => [];

    public void Append(byte[] output)
    {
    }
}
