"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
Object.defineProperty(exports, "__esModule", { value: true });
require("reflect-metadata");
const registry = new Map();
function injectable(target) {
    const types = Reflect.getMetadata("design:paramtypes", target) ?? [];
    registry.set(target.name, types.map(({ name }) => name));
}
function column(target, key) {
    const { name } = Reflect.getMetadata("design:type", target, key);
    registry.set(key, [name]);
}
class Clock {
}
let Service = class Service {
    clock;
    name;
    created;
    constructor(clock, name) {
        this.clock = clock;
        this.name = name;
    }
};
__decorate([
    column,
    __metadata("design:type", Date)
], Service.prototype, "created", void 0);
Service = __decorate([
    injectable,
    __metadata("design:paramtypes", [Clock, String])
], Service);
console.log(JSON.stringify([...registry]), new Service(new Clock(), "x").name);
