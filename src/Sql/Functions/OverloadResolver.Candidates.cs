using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

public sealed partial class OverloadResolver
{
    /// <summary>An overload laid out for one call: variadic parameters spread, defaults filled in, named arguments in place.</summary>
    sealed record Candidate(FunctionEntry Function, ImmutableArray<SqlType> Types, ImmutableArray<int> Arguments)
    {
        internal OperatorEntry? Operator { get; init; }

        internal int Spread { get; init; }

        internal int DefaultsUsed { get; init; }

        /// <summary>The declared type that written argument <paramref name="argument"/> must become.</summary>
        internal SqlType TypeFor(int argument)
        {
            for (var i = 0; i < Arguments.Length; i++)
                if (Arguments[i] == argument)
                    return Types[i];
            throw new InvariantException("every written argument feeds a parameter");
        }

        internal bool IsExact(ImmutableArray<SqlType> actual)
        {
            for (var i = 0; i < Arguments.Length; i++)
                if (Arguments[i] >= 0 && !Types[i].Equals(actual[Arguments[i]]))
                    return false;
            return true;
        }
    }

    List<Candidate> FunctionCandidates(FunctionCallShape shape)
    {
        var candidates = new List<Candidate>();
        foreach (var function in registry.Functions(shape.Name))
        {
            if (function.Schema != (shape.Schema ?? "pg_catalog") || shape.Filter?.Invoke(function) == false)
                continue;
            if (Lay(function, shape) is { } candidate)
                AddUnlessWorse(candidates, candidate);
        }

        return candidates;
    }

    /// <summary>Of candidates with the same effective types, one without spreading wins, then the one that spreads less, then the one with fewer defaults.</summary>
    static void AddUnlessWorse(List<Candidate> candidates, Candidate candidate)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            var other = candidates[i];
            if (other.Types.Length != candidate.Types.Length || !other.Types.SequenceEqual(candidate.Types) || (other.Spread == candidate.Spread && other.DefaultsUsed == candidate.DefaultsUsed))
                continue;
            var better = candidate.Spread != other.Spread
                ? candidate.Spread == 0 || (other.Spread != 0 && candidate.Spread < other.Spread)
                : candidate.DefaultsUsed < other.DefaultsUsed;
            if (better)
                candidates[i] = candidate;
            return;
        }

        candidates.Add(candidate);
    }

    static Candidate? Lay(FunctionEntry function, FunctionCallShape shape)
    {
        var given = shape.ArgumentTypes.Length;
        var declared = function.ArgumentTypes;
        if (shape.ArgumentNames.Any(n => n is not null))
            return LayNamed(function, shape);
        if (shape.Variadic)
            return function.IsVariadic && declared.Length == given ? new Candidate(function, declared, Identity(given)) : null;
        if (function.IsVariadic)
        {
            // At least one argument for the variadic parameter; "any" needs one too (a second overload without it covers the empty call).
            var spread = given - declared.Length + 1;
            if (spread < 1)
                return null;
            var last = declared[^1];
            var element = last.Oid switch
            {
                PgOid.Any => last,
                PgOid.AnyArray => SqlTypes.AnyElement,
                _ => last.ElementType ?? last,
            };
            var types = declared.RemoveAt(declared.Length - 1).AddRange(Enumerable.Repeat(element, spread));
            return new Candidate(function, types, Identity(given)) { Spread = spread };
        }

        if (given > declared.Length || given < declared.Length - function.Defaults.Length)
            return null;
        if (given == declared.Length)
            return new Candidate(function, declared, Identity(given));
        var arguments = ImmutableArray.CreateBuilder<int>(declared.Length);
        for (var i = 0; i < declared.Length; i++)
            arguments.Add(i < given ? i : -1 - (i - (declared.Length - function.Defaults.Length)));
        return new Candidate(function, declared, arguments.MoveToImmutable()) { DefaultsUsed = declared.Length - given };
    }

    static Candidate? LayNamed(FunctionEntry function, FunctionCallShape shape)
    {
        var declared = function.ArgumentTypes;
        if (function.IsVariadic || function.ArgumentNames.Length != declared.Length || shape.ArgumentTypes.Length > declared.Length)
            return null;
        var arguments = new int[declared.Length];
        Array.Fill(arguments, int.MinValue);
        for (var i = 0; i < shape.ArgumentTypes.Length; i++)
        {
            var place = shape.ArgumentNames[i] is { } name ? function.ArgumentNames.IndexOf(name) : i;
            if (place < 0 || arguments[place] != int.MinValue)
                return null;
            arguments[place] = i;
        }

        var firstDefault = declared.Length - function.Defaults.Length;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] != int.MinValue)
                continue;
            if (i < firstDefault)
                return null;
            arguments[i] = -1 - (i - firstDefault);
        }

        return new Candidate(function, declared, [.. arguments]) { DefaultsUsed = declared.Length - shape.ArgumentTypes.Length };
    }

    bool CanCoerceAll(ImmutableArray<SqlType> declared, ImmutableArray<SqlType> actual, ImmutableArray<int> arguments)
    {
        var polymorphic = false;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] < 0)
                continue;
            if (IsPolymorphic(declared[i]))
                polymorphic = true;
            else if (!CanCoerce(actual[arguments[i]], declared[i], CastContext.Implicit))
                return false;
        }

        if (!polymorphic)
            return true;
        var inPlace = arguments.Select((a, i) => a >= 0 ? actual[a] : declared[i]).ToImmutableArray();
        return Unify(declared, inPlace, null, lenient: true).Error is null;
    }

    /// <summary>Steps 3 to 5 of 10.2 and 10.3: exact matches, preferred types, the categories of unknown literals, and the all-alike assumption. Null = no single best one.</summary>
    Candidate? SelectCandidate(List<Candidate> candidates, ImmutableArray<SqlType> actual)
    {
        candidates = KeepBest(candidates, actual, static (given, declared) => declared.Equals(given));
        if (candidates.Count == 1)
            return candidates[0];
        candidates = KeepBest(candidates, actual, static (given, declared) => declared.Equals(given) || (declared.IsPreferred && declared.Category == given.Category));
        if (candidates.Count == 1)
            return candidates[0];
        if (!actual.Any(IsUnknown))
            return null;
        candidates = KeepByUnknownCategories(candidates, actual);
        return candidates.Count == 1 ? candidates[0] : AssumeAllAlike(candidates, actual);
    }

    static List<Candidate> KeepBest(List<Candidate> candidates, ImmutableArray<SqlType> actual, Func<SqlType, SqlType, bool> matches)
    {
        var best = new List<Candidate>();
        var bestCount = -1;
        foreach (var candidate in candidates)
        {
            var count = 0;
            for (var i = 0; i < actual.Length; i++)
                if (!IsUnknown(actual[i]) && matches(actual[i], candidate.TypeFor(i)))
                    count++;
            if (count > bestCount)
            {
                best.Clear();
                bestCount = count;
            }

            if (count == bestCount)
                best.Add(candidate);
        }

        return best;
    }

    static List<Candidate> KeepByUnknownCategories(List<Candidate> candidates, ImmutableArray<SqlType> actual)
    {
        var chosen = new (TypeCategory Category, bool NeedsPreferred)[actual.Length];
        for (var i = 0; i < actual.Length; i++)
        {
            if (!IsUnknown(actual[i]))
                continue;
            var conflict = false;
            for (var c = 0; c < candidates.Count; c++)
            {
                var type = candidates[c].TypeFor(i);
                if (c == 0)
                    chosen[i] = (type.Category, type.IsPreferred);
                else if (type.Category == chosen[i].Category)
                    chosen[i].NeedsPreferred |= type.IsPreferred;
                else if (type.Category == TypeCategory.String)
                    chosen[i] = (TypeCategory.String, type.IsPreferred);
                else
                    conflict = true;
            }

            if (conflict && chosen[i].Category != TypeCategory.String)
                return candidates;
        }

        var kept = candidates.FindAll(candidate =>
        {
            for (var i = 0; i < actual.Length; i++)
            {
                if (!IsUnknown(actual[i]))
                    continue;
                var type = candidate.TypeFor(i);
                if (type.Category != chosen[i].Category || (chosen[i].NeedsPreferred && !type.IsPreferred))
                    return false;
            }

            return true;
        });
        return kept.Count > 0 ? kept : candidates;
    }

    Candidate? AssumeAllAlike(List<Candidate> candidates, ImmutableArray<SqlType> actual)
    {
        SqlType? known = null;
        foreach (var type in actual)
        {
            if (IsUnknown(type))
                continue;
            if (known is not null && !known.Equals(type))
                return null;
            known = type;
        }

        if (known is null)
            return null;
        var alike = actual.Select(_ => known).ToImmutableArray();
        var usable = candidates.FindAll(c => CanCoerceAll(c.Types, alike, c.Arguments));
        return usable.Count == 1 ? usable[0] : null;
    }
}
