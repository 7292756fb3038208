/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text, binary and memory say the same. */

#include <scenario/arch.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A value that the field may have. */
static uint64_t sample(const struct arch *arch, const struct op_field *f)
{
    const struct name_tables names = names_of(arch, f->kind);

    for ( unsigned int i = 0; i < 2; i++ )
        if ( names.table[i] )
            return names.table[i][1].value;
    return f->kind == FIELD_REGISTER ? REG_ENCODE(0x88, 8) :
           f->kind == FIELD_TABLE    ? 0 :
           f->kind != FIELD_NUMBER   ? 1 :
           f->bits < 3               ? 1 :
                                       5;
}

/* A program with every operation, each field at a value of its own. */
static struct program *everything(const struct arch *arch)
{
    struct program *p = program_new(PROGRAM_SCENARIO, "all");
    struct program_machine *m = &p->machine;

    program_set_arch(p, arch);

    p->title = strdup("everything");
    p->file = strdup("all.scn");
    p->through = 1u << THROUGH_STACK;
    p->retention = 5;
    p->shapes = 2;
    for ( unsigned int i = 0; arch->id[i].name; i++ )
    {
        m->id[i] = 0x1234 + i;
        if ( arch->id[i].host )
            m->host_id[i] = 0x4321 + i;
    }
    m->haw = 46;
    m->shadow_limit = 77;
    for ( unsigned int i = 0; arch->option[i].word; i++ )
        m->options |= 1u << i;
    m->manual = true;
    m->domains = 2;
    m->regions = 1;
    m->region[0] = (struct region) { 0x1000, 0x400000, REGION_RAM };
    m->devices = 2;
    strcpy(m->device[0].name, "nic");
    m->device[0].source = 0x10;
    strcpy(m->device[1].name, "disk");
    m->device[1].source = 0x3ff;
    m->device[1].domain = 1;
    m->device[1].unit = 1;
    m->tables = 1;
    strcpy(m->table[0].name, "A");
    for ( unsigned int i = 0; arch->table_option[i].key; i++ )
        m->table[0].option[i] = arch->table_option[i].most;
    for ( unsigned int code = 0; op_spec_of(arch, code); code++ )
    {
        struct operation *op = program_append(p, code, 0);

        op->domain = code & 1;
        if ( op_spec(op)->through & OP_INSIDE )
        {
            op->inside = (uint16_t)(code + 1);
            op->at_access = code & 2;
        }
        for ( const struct op_field *f = op_spec(op)->field;
              f->kind != FIELD_END; f++ )
            op_field_set(op, f, sample(arch, f));
    }
    return p;
}

static void assert_same(const struct program *a, const struct program *b)
{
    assert_int_equal(a->through, b->through);
    assert_int_equal(a->retention, b->retention);
    assert_int_equal(a->shapes, b->shapes);
    assert_string_equal(a->title, b->title);
    assert_memory_equal(&a->machine, &b->machine, sizeof(a->machine));
    assert_int_equal(a->ops, b->ops);
    for ( size_t i = 0; i < a->ops; i++ )
    {
        assert_int_equal(a->op[i].code, b->op[i].code);
        assert_int_equal(a->op[i].domain, b->op[i].domain);
        assert_int_equal(a->op[i].inside, b->op[i].inside);
        assert_int_equal(a->op[i].at_access, b->op[i].at_access);
        assert_memory_equal(a->op[i].arg, b->op[i].arg, sizeof(a->op[i].arg));
    }
}

static void text_is_read_back_as_it_was_written(void **state)
{
    (void)state;
    for ( const struct arch *const *arch = arch_table; *arch; arch++ )
    {
        struct program *p = everything(*arch);
        struct program_list list = { 0 };
        struct program_error error = { 0 };
        char *text = program_text(p);

        if ( !program_parse_text(text, "all.scn", "all", &list, &error) )
            fail_msg("%s", error.text);
        assert_same(p, list.program[0]);
        free(text);
        program_list_free(&list);
        program_free(p);
    }
}

static void binary_is_read_back_as_it_was_written(void **state)
{
    (void)state;
    for ( const struct arch *const *arch = arch_table; *arch; arch++ )
    {
        struct program *p = everything(*arch);
        struct program_list list = { 0 };
        struct program_error error = { 0 };
        size_t size;
        void *data = program_binary(p, &size);

        if ( !program_parse_binary(data, size, "all.bin", "all", &list,
                                   &error) )
            fail_msg("%s", error.text);
        assert_same(p, list.program[0]);
        free(data);
        program_list_free(&list);
        program_free(p);
    }
}

static void an_access_beside_the_registers_is_refused(void **state)
{
    static const struct {
        uint64_t reg;
        bool possible;
    } rows[] = {
        { REG_ENCODE(0x88, 8), true },  { REG_ENCODE(0x89, 2), true },
        { REG_ENCODE(0x88, 3), false }, { REG_ENCODE(0x88, 16), false },
        { REG_ENCODE(0x88, 0), false },
    };
    uint32_t line;

    (void)state;
    for ( const struct arch *const *arch = arch_table; *arch; arch++ )
    {
        uint32_t space = (*arch)->register_space;
        struct program *p = program_new(PROGRAM_SCENARIO, "registers");
        struct operation *op;

        program_set_arch(p, *arch);
        p->machine.region[p->machine.regions++] = (struct region) {
            0, 0x400000, REGION_RAM
        };
        op = program_append(p, OP_READ, 0);
        for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
        {
            op_field_set(op, &op_spec(op)->field[0], rows[i].reg);
            assert_int_equal(!program_check(p, &line), rows[i].possible);
        }
        op_field_set(op, &op_spec(op)->field[0], REG_ENCODE(space - 4, 8));
        assert_non_null(program_check(p, &line));
        op_field_set(op, &op_spec(op)->field[0], REG_ENCODE(space - 4, 4));
        assert_null(program_check(p, &line));
        program_free(p);
    }
}

/* What the text can't say the binary form can't either. */
static void a_value_without_a_name_is_refused(void **state)
{
    struct program *p = everything(arch_table[0]);
    uint32_t line;
    bool seen = false;

    (void)state;
    assert_null(program_check(p, &line));
    for ( size_t i = 0; i < p->ops; i++ )
        for ( const struct op_field *f = op_spec(&p->op[i])->field;
              f->kind != FIELD_END; f++ )
        {
            uint64_t value = op_field_get(&p->op[i], f);

            if ( f->kind != FIELD_TYPE )
                continue;
            seen = true;
            assert_true(op_field_set(&p->op[i], f, 3));
            assert_non_null(program_check(p, &line));
            op_field_set(&p->op[i], f, value);
        }
    assert_true(seen);
    program_free(p);
}

/* Every prefix, and every byte changed: an error or a program, no crash. */
static void a_damaged_binary_never_crashes_the_reader(void **state)
{
    struct program *p = everything(arch_table[0]);
    size_t size, refused = 0;
    uint8_t *data = program_binary(p, &size), *copy = malloc(size);

    (void)state;
    assert_non_null(copy);
    for ( size_t i = 8; i < size; i++ )
        for ( unsigned int flip = 0; flip < 3; flip++ )
        {
            static const uint8_t flips[] = { 0, 0x80, 0x7f };
            struct program_list list = { 0 };
            struct program_error error = { 0 };

            memcpy(copy, data, size);
            copy[i] ^= flips[flip];
            if ( !program_parse_binary(copy, flip ? size : i, "x", "x", &list,
                                       &error) )
            {
                assert_non_null(strstr(error.text, "byte"));
                refused++;
            }
            program_list_free(&list);
        }
    assert_true(refused >= size - 8);
    free(copy);
    free(data);
    program_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_read_back_as_it_was_written),
        cmocka_unit_test(binary_is_read_back_as_it_was_written),
        cmocka_unit_test(an_access_beside_the_registers_is_refused),
        cmocka_unit_test(a_value_without_a_name_is_refused),
        cmocka_unit_test(a_damaged_binary_never_crashes_the_reader),
    };

    return cmocka_run_group_tests_name("scenario/forms", tests, NULL, NULL);
}
