using Chitin.Core;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>The pg_advisory family (manual table 9.101).</summary>
static class AdvisoryLockFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        foreach (var arguments in (string[])["int8", "int4, int4"])
        {
            foreach (var shared in (bool[])[false, true])
            {
                foreach (var transaction in (bool[])[false, true])
                {
                    var name = $"advisory{(transaction ? "_xact" : "")}_lock{(shared ? "_shared" : "")}";
                    b.Scalar($"pg_{name}({arguments}) void volatile", (a, c) =>
                    {
                        AdvisoryLockTable.Shared.Acquire(CatalogSearch.Session(c), KeyOf(a, c), shared, transaction, c);
                        return Datum.FromString("");
                    });
                    b.Scalar($"pg_try_{name}({arguments}) bool volatile", (a, c) =>
                        Datum.FromBool(AdvisoryLockTable.Shared.TryAcquire(CatalogSearch.Session(c), KeyOf(a, c), shared, transaction)));
                }

                b.Scalar($"pg_advisory_unlock{(shared ? "_shared" : "")}({arguments}) bool volatile", (a, c) => Unlock(a, shared, c));
            }
        }

        b.Scalar("pg_advisory_unlock_all() void volatile", static (_, c) =>
        {
            AdvisoryLockTable.Shared.ReleaseSession(CatalogSearch.Session(c));
            return Datum.FromString("");
        });
    }

    static AdvisoryLockTable.Key KeyOf(ReadOnlySpan<Datum> a, EvaluationContext context)
    {
        var database = CatalogSearch.Session(context).Database.Id;
        return a.Length == 1
            ? new AdvisoryLockTable.Key(database, a[0].AsInt64(), IsPair: false)
            : new AdvisoryLockTable.Key(database, ((long)a[0].AsInt32() << 32) | (uint)a[1].AsInt32(), IsPair: true);
    }

    static Datum Unlock(ReadOnlySpan<Datum> a, bool shared, EvaluationContext context)
    {
        var session = CatalogSearch.Session(context);
        var released = AdvisoryLockTable.Shared.Release(session, KeyOf(a, context), shared);
        if (!released)
            session.Notice(new SqlNotice("WARNING", SqlState.Warning, $"you don't own a lock of type {(shared ? "ShareLock" : "ExclusiveLock")}"));
        return Datum.FromBool(released);
    }
}
